#pragma once

#include <ctgrad/io/write_place.hpp>

#include <sys/file.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

/// Who may write a file (POSIX).
namespace ctgrad::io {

/// How a writer of NAME calls what it has beside it: .NAME.lock and .NAME.DIGITS.partial. Names are no longer
/// than file systems take, unless the lock's is.
struct WriterNames {
  static constexpr std::size_t digits = 16, most = 200;
  std::string lock, before_digits, after_digits = ".partial";

  explicit WriterNames(const std::string& name)
      : lock("." + name + ".lock"), before_digits("." + name.substr(0, most) + ".") {}

  std::string partial(std::string_view number) const {
    return before_digits + std::string(number) + after_digits;
  }

  /// Whether a file in the same folder is called so.
  bool contain(const std::string& other) const {
    if (other == lock) return true;
    if (other.size() != partial("").size() + digits || !other.starts_with(before_digits)) return false;
    const std::string number = other.substr(before_digits.size(), digits);
    return other == partial(number) && number.find_first_not_of(hexadecimal) == std::string::npos;
  }

  static constexpr std::string_view hexadecimal = "0123456789abcdef";
};

/// The right to write a file, which nobody else gets while this object lives: no other thread, no other
/// process. A program that writes one file again and again, as a training run does its checkpoint, takes it
/// before it begins, so that a second run of the same file is refused there and not in its middle.
///
/// The right is flock's lock on a file beside it, .NAME.lock, which goes with this object. A process that is
/// killed loses the right at once; the file then stays, and the next to write NAME takes it over. Everything
/// in ctgrad that writes files asks for the right; other programs know nothing of it. On NFS it holds between
/// machines unless the folder is mounted with local locks. Where a file system has no locks nothing is
/// written.
///
/// While NAME is being written its new contents are beside it, as .NAME.DIGITS.partial, and these digits are
/// in the lock. So it is known what a killed writer left, and the next one that writes takes it away: the
/// file of that very name, if it is a regular one, has no other name and belongs to this user or to NAME's
/// owner. No other file is taken for one. Where the system crashed, and the lock's digits did not come to the
/// disk, that file stays.
class FileLock {
 public:
  /// The file need not be there yet, its folder must. Throws WriteError if somebody else has the right, if
  /// .NAME.lock cannot be made or is something else than a lock, and as WritePlace does. It has then left
  /// nothing.
  explicit FileLock(const std::filesystem::path& file)
      : place_(file), names_(place_.name()), shown_(place_.beside(names_.lock)) {
    try {
      lock();
    } catch (...) {
      if (made_) ::unlinkat(place_.folder(), names_.lock.c_str(), 0);
      throw;
    }
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    struct stat file {};
    if (partial_.empty() && ::getpid() == process_ &&
        ::fstatat(place_.folder(), names_.lock.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0 && is_opened(file)) {
      ::unlinkat(place_.folder(), names_.lock.c_str(), 0);
    }
  }

  const WritePlace& place() const { return place_; }

  /// A name beside the file for its new contents, which nothing has and nobody can guess. What a killed
  /// writer left is gone then.
  std::string begin_partial() {
    remove_partial();
    unsigned long long random{};
    if (::getentropy(&random, sizeof random) != 0) place_.fail("choosing a name beside it");
    std::array<char, digits + 2> text{};
    std::snprintf(text.data(), text.size(), "%016llx\n", random);
    const FileSizeSignalHeld held;
    const auto written = uninterrupted([&] { return ::pwrite(lock_.number(), text.data(), digits + 1, 0); });
    if (written != digits + 1) place_.fail("writing " + shown_, written < 0 ? errno : ENOSPC);
    partial_ = names_.partial({text.data(), digits});
    return partial_;
  }

  /// Says that nothing has that name any more.
  void end_partial() { partial_.clear(); }

 private:
  static constexpr std::size_t digits = WriterNames::digits;

  void lock() {
    constexpr int most = 100;
    for (int tries = 0; tries < most; ++tries) {
      if (open() && lock_opened()) {
        find_partial();
        return;
      }
    }
    place_.fail("locking " + shown_, EWOULDBLOCK);
  }

  /// False if the lock went while it was being opened.
  bool open() {
    constexpr int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    const auto open_with = [&](int more) {
      lock_ = Descriptor(
          uninterrupted([&] { return ::openat(place_.folder(), names_.lock.c_str(), flags | more, 0666); }));
      return lock_.is_open();
    };
    made_ = open_with(O_CREAT | O_EXCL);
    if (made_ || (errno == EEXIST && open_with(0))) return true;
    if (errno != ENOENT) place_.fail("opening " + shown_);
    return false;
  }

  /// False if what was opened no longer has the name.
  bool lock_opened() {
    if (::fstat(lock_.number(), &opened_) != 0) place_.fail("looking at " + shown_);
    if (!S_ISREG(opened_.st_mode) || opened_.st_nlink > 1) refuse();
    if (uninterrupted([&] { return ::flock(lock_.number(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno != EWOULDBLOCK) place_.fail("locking " + shown_);
      if (std::exchange(made_, false)) return false;  // another one was quicker with what is made here
      place_.fail("somebody else is writing it and has locked " + shown_, EWOULDBLOCK);
    }
    const std::optional<struct stat> named = beside(names_.lock);
    return named && is_opened(*named);
  }

  bool is_opened(const struct stat& file) const {
    return file.st_dev == opened_.st_dev && file.st_ino == opened_.st_ino;
  }

  /// What has a name in the file's folder; none if nothing has.
  std::optional<struct stat> beside(const std::string& name) const {
    struct stat file {};
    if (::fstatat(place_.folder(), name.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0) return file;
    if (errno != ENOENT) place_.fail("looking at " + place_.beside(name));
    return std::nullopt;
  }

  /// Reads which file a killed writer left. A lock holds digits and the end of a line, or what a crash of the
  /// system made of them: fewer, zeros or nothing. Anything else is no lock.
  void find_partial() {
    std::array<char, digits + 2> text{};
    const auto size = uninterrupted([&] { return ::pread(lock_.number(), text.data(), text.size(), 0); });
    if (size < 0) place_.fail("reading " + shown_);
    const std::string_view all(text.data(), static_cast<std::size_t>(size));
    const std::size_t count = std::min(all.find_first_not_of(WriterNames::hexadecimal), all.size());
    const bool known = all.size() <= digits + 1 && count <= digits &&
                       std::ranges::all_of(all.substr(count), [](char c) { return c == '\n' || c == '\0'; });
    if (!known) refuse();
    if (count < digits) return;
    partial_ = names_.partial(all.substr(0, digits));
    const std::optional<struct stat> left = beside(partial_), before = place_.before();
    const bool ours = left && S_ISREG(left->st_mode) && left->st_nlink == 1 &&
                      (left->st_uid == ::geteuid() || (before && left->st_uid == before->st_uid));
    if (!ours) end_partial();
  }

  void remove_partial() {
    if (partial_.empty()) return;
    if (::unlinkat(place_.folder(), partial_.c_str(), 0) != 0 && errno != ENOENT) {
      place_.fail("removing " + place_.beside(partial_) + ", which another writer left");
    }
    end_partial();
  }

  [[noreturn]] void refuse() const { place_.fail(shown_ + " is a file but no lock of it", EEXIST); }

  WritePlace place_;
  WriterNames names_;
  std::string shown_;  ///< the lock, as messages call it
  Descriptor lock_;
  struct stat opened_ {};  ///< what the lock is
  std::string partial_;    ///< new contents that are beside the file, or may be; empty if none are
  ::pid_t process_ = ::getpid();
  bool made_ = false;
};

}  // namespace ctgrad::io
