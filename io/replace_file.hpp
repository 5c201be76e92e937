#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <vector>

/// Writing a whole file so that nobody ever sees half of it (POSIX).
namespace ctgrad::io {

/// A file that is being written beside the one it will replace, as NAME.partial. A process that is killed
/// leaves it behind, and the next one to write NAME takes it over; so there is never more than one. All
/// failures are std::system_error: "NAME: what failed: the system's words for it".
class PartialFile {
 public:
  /// Begins a file that is to replace `target`, a regular file or none yet; links are followed. Throws if it
  /// cannot be made, and if another process or thread is writing the same file.
  explicit PartialFile(const std::filesystem::path& target)
      : target_(resolve(target)), partial_(target_.string() + ".partial") {
    try {
      while (!open_locked()) close();
      if (::ftruncate(descriptor_, 0) != 0) fail("emptying", partial_);
    } catch (...) {
      abandon();
      throw;
    }
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  /// Takes away what was not committed.
  ~PartialFile() { abandon(); }

  void write(std::span<const std::byte> bytes) {
    constexpr std::size_t most = std::size_t{1} << 30;  // Linux takes no more than 2 GiB at a time
    while (!bytes.empty()) {
      const ::ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), most));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("writing", partial_);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  /// Brings the bytes to the disk, then puts the file in the target's place in one step, then brings that
  /// step to the disk. Where only the last of these fails, the target has its new contents.
  void commit() {
    if (::fsync(descriptor_) != 0) fail("bringing to the disk", partial_);
    if (::rename(partial_.c_str(), target_.c_str()) != 0) fail("renaming", partial_);
    close();
    sync_folder();
  }

 private:
  static std::filesystem::path resolve(const std::filesystem::path& target) {
    std::error_code error;
    const auto status = std::filesystem::status(target, error);
    if (!std::filesystem::exists(status)) return target;
    if (!std::filesystem::is_regular_file(status)) {
      throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                              target.string() + ": replacing what is not a regular file");
    }
    return std::filesystem::canonical(target);
  }

  /// Opens and locks the partial file. False if meanwhile the one that was opened has been renamed or
  /// removed.
  bool open_locked() {
    descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("opening", partial_);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      close();  // it is another writer's
      fail("locking", partial_, error);
    }
    struct stat opened {};
    struct stat named {};
    if (::fstat(descriptor_, &opened) != 0) fail("looking at", partial_);
    return ::stat(partial_.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
  }

  void sync_folder() {
    const std::filesystem::path parent = target_.parent_path();
    const std::filesystem::path folder = parent.empty() ? "." : parent;
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("opening the folder", folder);
    const int result = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    if (result != 0 && error != EINVAL) {  // EINVAL: a file system that cannot
      fail("bringing to the disk the folder", folder, error);
    }
  }

  void abandon() {
    if (descriptor_ >= 0) ::unlink(partial_.c_str());
    close();
  }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  [[noreturn]] void fail(const char* what, const std::filesystem::path& of, int error = errno) const {
    throw std::system_error(error, std::generic_category(),
                            target_.string() + ": " + what + " " + of.string());
  }

  std::filesystem::path target_;
  std::filesystem::path partial_;
  int descriptor_ = -1;
};

/// Puts a file of these bytes, one piece after the other, in the place of `path`. After a failure, or when
/// the process is killed, the old file is there as it was. Throws std::system_error, naming the file and
/// what failed.
inline void replace_file(const std::filesystem::path& path,
                         std::span<const std::span<const std::byte>> pieces) {
  PartialFile file(path);
  for (const std::span<const std::byte> piece : pieces) file.write(piece);
  file.commit();
}

}  // namespace ctgrad::io
