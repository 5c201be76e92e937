#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

/// A file that an option names; an empty path is none.
struct FileOption {
  const char* name;  ///< "--save"
  std::string path;
};

/// Throws std::invalid_argument, naming both options, if two of them name the same file.
void require_different(std::initializer_list<FileOption> files);

/// "stopped at step 12 of 100 by SIGINT", for a training that a signal has stopped.
std::string stopped_at(std::size_t step, std::size_t steps, const std::string& signal);

/// Throws std::system_error, naming the file, if one of them cannot be written: better before a training than
/// after it.
void require_writable(std::initializer_list<FileOption> files);
