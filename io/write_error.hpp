#pragma once

#include <filesystem>
#include <string>
#include <system_error>

namespace ctgrad::io {

/// A file that could not be written: "FILE: what failed: the system's words for it". FILE is the name that
/// the caller gave, code() the system's error.
class WriteError : public std::system_error {
 public:
  WriteError(const std::filesystem::path& file, const std::string& what, int error)
      : std::system_error(error, std::generic_category(), file.string() + ": " + what) {}
};

}  // namespace ctgrad::io
