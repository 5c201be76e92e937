#pragma once

#include <ctgrad/train/stop_signal.hpp>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

/// A file that an option names; an empty path is none.
struct FileOption {
  const char* name;  ///< "--save"
  std::string path;
};

/// Throws std::invalid_argument, naming both options, if two of them name the same file, or one what a
/// writer of the other has beside it.
void require_different(std::initializer_list<FileOption> files);

/// "stopped at step 12 of 100 by SIGINT", for a training that a signal has stopped.
std::string stopped_at(std::size_t step, std::size_t steps, const std::string& signal);

/// Throws std::invalid_argument, naming both options, if `file` is what a writer of `output` has beside it,
/// which goes when that is written: see ctgrad::io::FileLock.
void require_not_beside(const FileOption& file, const FileOption& output);

/// Throws io::WriteError, naming the file, if one of them cannot be written: better before a training than
/// after it.
void require_writable(std::initializer_list<FileOption> files);

/// What a training leaves in files. Where a disk is full it is not lost at once: whoever reads that it could
/// not be written may make room before it is tried again.
class FinalWrite {
 public:
  /// `write` throws where it fails.
  explicit FinalWrite(std::function<void()> write) : write_(std::move(write)) {}
  FinalWrite(const FinalWrite&) = delete;
  FinalWrite& operator=(const FinalWrite&) = delete;
  /// Tries again what was only attempted, as where something else fails before `require`.
  ~FinalWrite();

  /// Writes it unless it is written; a failure is printed.
  void attempt();
  /// The same, but throws what `write` throws.
  void require();
  /// Behind a training: if that is over because of a signal, the same, and then throws Stopped with these
  /// words.
  void end_training(const ctgrad::StopOnSignals& stop, const std::string& words);

 private:
  std::function<void()> write_;
  bool written_ = false;
  bool due_ = false;  ///< attempted in vain
};
