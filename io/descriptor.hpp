#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

/// Open files (POSIX).
namespace ctgrad::io {

/// An open file, which is closed with this object; -1 is none. Its number is never that of standard input,
/// output or error, which a file gets that is opened after one of them was closed: somebody might print into
/// it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {
    if (number < 0 || number > STDERR_FILENO) return;
    number_ = ::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = errno;
    ::close(number);
    errno = error;
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    number_ = std::exchange(other.number_, -1);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  /// Gives 0 or the system's error, which may tell of bytes that never came to the disk; the file is closed
  /// either way.
  int close() {
    if (!is_open()) return 0;
    const int result = ::close(std::exchange(number_, -1));
    return result == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int number_ = -1;
};

/// Makes a system call again for as long as signals interrupt it.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// While one of these lives, what this thread writes beyond the largest file that the process may have fails
/// with EFBIG, and SIGXFSZ, which would end the process, does not come.
class FileSizeSignalHeld {
 public:
  FileSizeSignalHeld() {
    ::sigemptyset(&signal_);
    ::sigaddset(&signal_, SIGXFSZ);
    ::pthread_sigmask(SIG_BLOCK, &signal_, &mask_);
    was_pending_ = is_pending();
  }
  FileSizeSignalHeld(const FileSizeSignalHeld&) = delete;
  FileSizeSignalHeld& operator=(const FileSizeSignalHeld&) = delete;
  ~FileSizeSignalHeld() {
    const int error = errno;
    int taken = 0;
    if (!was_pending_ && is_pending()) ::sigwait(&signal_, &taken);
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    errno = error;
  }

 private:
  static bool is_pending() {
    ::sigset_t pending;
    return ::sigpending(&pending) == 0 && ::sigismember(&pending, SIGXFSZ) == 1;
  }

  ::sigset_t signal_{}, mask_{};
  bool was_pending_ = false;
};

}  // namespace ctgrad::io
