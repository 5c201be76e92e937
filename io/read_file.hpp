#pragma once

#include <ctgrad/io/quoted.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>

/// Reading files of which nothing is known yet (POSIX).
namespace ctgrad::io {

/// A regular file that is open for reading. Everything is read through one descriptor: whatever happens to
/// the name meanwhile, it stays the file that was opened. All failures are std::system_error, "NAME: what
/// failed: the system's words for it".
class InputFile {
 public:
  /// Follows links. Throws if the file cannot be opened or is not regular: a folder, a pipe, a device; never
  /// waits for one.
  explicit InputFile(const std::filesystem::path& path) : name_(shown(path.native(), 1000)) {
    do {
      descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (descriptor_ < 0 && errno == EINTR);
    if (descriptor_ < 0) fail("cannot be opened");
    struct stat status {};
    const int result = ::fstat(descriptor_, &status);
    const int error = errno;
    if (result == 0 && S_ISREG(status.st_mode)) {
      size_ = static_cast<std::uint64_t>(status.st_size);
      return;
    }
    ::close(descriptor_);
    if (result != 0) fail("cannot be looked at", error);
    if (S_ISDIR(status.st_mode)) fail("cannot be read", EISDIR);
    fail(std::string("expected a regular file, got ") + kind(status.st_mode), EINVAL);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { ::close(descriptor_); }

  /// What errors call the file: its path, fit to be shown.
  const std::string& name() const { return name_; }

  /// The bytes that it had when it was opened.
  std::uint64_t size() const { return size_; }

  /// Fills `bytes` from the place where the last read ended; gives how many there were, fewer only at the
  /// file's end.
  // NOLINTNEXTLINE(readability-make-member-function-const): it moves on in the file
  std::size_t read(std::span<std::byte> bytes) {
    constexpr std::size_t most = std::size_t{1} << 30;  // Linux gives no more than 2 GiB at a time
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ::ssize_t got = ::read(descriptor_, bytes.data() + done, std::min(bytes.size() - done, most));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("cannot be read");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  /// All its bytes as memory, which the system reads when they are looked at first. A file that is replaced
  /// stays what it was; one that is written in place changes under the reader, and where it is cut off,
  /// looking at what is lost ends the process (SIGBUS).
  std::shared_ptr<const std::byte> map() const {
    if (size_ == 0) return {};
    if (size_ > std::numeric_limits<std::size_t>::max()) fail("cannot be mapped", ENOMEM);
    const auto size = static_cast<std::size_t>(size_);
    void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (memory == MAP_FAILED) fail("cannot be mapped");
    const auto unmap = [size](const std::byte* bytes) { ::munmap(const_cast<std::byte*>(bytes), size); };
    return {static_cast<const std::byte*>(memory), unmap};
  }

  [[noreturn]] void fail(const std::string& what, int error = errno) const {
    throw std::system_error(error, std::generic_category(), name_ + ": " + what);
  }

 private:
  static const char* kind(::mode_t mode) {
    return S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
  }

  std::string name_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// The bytes of a regular file of at most `most`. Throws std::system_error, "NAME: what failed: the system's
/// words for it": EFBIG, before it has read more than that, if the file is larger; ENOMEM if there is not the
/// memory; what InputFile throws.
inline std::string read_file(const std::filesystem::path& path, std::size_t most) {
  InputFile file(path);
  const auto refuse_size = [&](const std::string& size) {
    file.fail("expected at most " + std::to_string(most) + " bytes, got " + size, EFBIG);
  };
  if (file.size() > most) refuse_size(std::to_string(file.size()));
  std::string text;
  try {
    text.reserve(static_cast<std::size_t>(file.size()));
    std::array<std::byte, 65536> piece{};
    while (const std::size_t got = file.read(piece)) {  // the system's own files have more than their size
      if (got > most - text.size()) refuse_size("more");
      text.append(reinterpret_cast<const char*>(piece.data()), got);
    }
  } catch (const std::bad_alloc&) {
    file.fail("reading " + std::to_string(file.size()) + " bytes", ENOMEM);
  } catch (const std::length_error&) {
    file.fail("reading " + std::to_string(file.size()) + " bytes", ENOMEM);
  }
  return text;
}

}  // namespace ctgrad::io
