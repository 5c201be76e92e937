#pragma once

#include <ctgrad/io/quoted.hpp>

#include <filesystem>
#include <string>
#include <system_error>

namespace ctgrad::io {

/// A file that could not be written: "FILE: what failed: the system's words for it". FILE is the name that
/// the caller gave, control characters escaped, code() the system's error.
class WriteError : public std::system_error {
 public:
  WriteError(const std::filesystem::path& file, const std::string& what, int error)
      : std::system_error(error, std::generic_category(),
                          shown(file.string(), longest) + ": " + shown(what, longest)) {}

 private:
  static constexpr std::size_t longest = 4096;
};

}  // namespace ctgrad::io
