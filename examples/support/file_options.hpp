#pragma once

#include <initializer_list>
#include <string>

/// A file that an option names; an empty path is none.
struct FileOption {
  const char* name;  ///< "--save"
  std::string path;
};

/// Throws std::invalid_argument, naming both options, if two of them name the same file, or one what a
/// writer of the other has beside it.
void require_different(std::initializer_list<FileOption> files);

/// Throws std::invalid_argument, naming both options, if `file` is what a writer of `output` has beside it,
/// which goes when that is written: see ctgrad::io::FileLock.
void require_not_beside(const FileOption& file, const FileOption& output);

/// Throws io::WriteError, naming the file, if one of them cannot be written: better before a training than
/// after it.
void require_writable(std::initializer_list<FileOption> files);
