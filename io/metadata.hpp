#pragma once

#include <functional>
#include <map>
#include <string>

namespace ctgrad::io {

/// A file's own notes: any strings by name.
using Metadata = std::map<std::string, std::string, std::less<>>;

}  // namespace ctgrad::io
