#pragma once

#include <ctgrad/io/file_lock.hpp>
#include <ctgrad/io/file_permissions.hpp>

#include <cstddef>
#include <span>

/// Writing a whole file so that nobody ever sees half of it (POSIX).
namespace ctgrad::io {

/// The new contents of a file, written beside it under a name of their own and put in its place in one step.
/// So other hard links to it keep the old contents. A file that is replaced hands on its permissions as
/// keep_permissions says; a new one has those that the process' umask leaves. All failures are WriteErrors.
class PartialFile {
 public:
  /// `lock` must outlive this object, and has one such object at a time. Takes away what a killed writer
  /// left.
  explicit PartialFile(FileLock& lock) : lock_(lock), place_(lock.place()) {
    const std::optional<struct stat> before = place_.before();
    const ::mode_t mode = before ? S_IRUSR | S_IWUSR : 0666;
    constexpr int most = 10;
    for (int tries = 0; tries < most && !file_.is_open(); ++tries) {
      name_ = lock_.begin_partial();
      constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
      file_ =
          Descriptor(uninterrupted([&] { return ::openat(place_.folder(), name_.c_str(), flags, mode); }));
      if (file_.is_open()) break;
      lock_.end_partial();
      if (errno != EEXIST) break;
    }
    if (!file_.is_open()) place_.fail("making " + place_.beside(name_));
    there_ = true;
    try {
      if (before) keep_permissions(place_, *before, file_.number());
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
    const FileSizeSignalHeld held;
    while (!bytes.empty()) {
      const ::ssize_t written =
          uninterrupted([&] { return ::write(file_.number(), bytes.data(), std::min(bytes.size(), most)); });
      if (written <= 0) place_.fail("writing its new contents", written < 0 ? errno : ENOSPC);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  /// Brings the bytes to the disk, then puts them in the file's place in one step, then brings that step to
  /// the disk. Where only the last of these fails, it throws, and the file has its new contents.
  void commit() {
    if (uninterrupted([&] { return ::fsync(file_.number()); }) != 0) {
      place_.fail("bringing its new contents to the disk");
    }
    if (const int error = file_.close(); error != 0) place_.fail("closing its new contents", error);
    if (::renameat(place_.folder(), name_.c_str(), place_.folder(), place_.name().c_str()) != 0) {
      place_.fail("putting its new contents in its place");
    }
    there_ = false;
    lock_.end_partial();
    place_.sync();
  }

 private:
  void abandon() {
    if (!there_) return;
    there_ = false;
    // where this fails the lock keeps the name, and the next writer takes the file away
    if (::unlinkat(place_.folder(), name_.c_str(), 0) == 0 || errno == ENOENT) lock_.end_partial();
  }

  FileLock& lock_;
  const WritePlace& place_;
  std::string name_;
  Descriptor file_;
  bool there_ = false;
};

/// Puts these bytes, one piece after the other, in the place of the file. After a failure, or when the
/// process is killed, the old file is there as it was, or none if there was none; PartialFile::commit names
/// the one exception. Throws WriteError.
inline void replace_file(FileLock& file, std::span<const std::span<const std::byte>> pieces) {
  PartialFile partial(file);
  for (const std::span<const std::byte> piece : pieces) partial.write(piece);
  partial.commit();
}

/// The same by the file's name. Throws WriteError too if somebody else is writing it: see FileLock.
inline void replace_file(const std::filesystem::path& path,
                         std::span<const std::span<const std::byte>> pieces) {
  FileLock file(path);
  replace_file(file, pieces);
}

}  // namespace ctgrad::io
