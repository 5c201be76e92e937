#pragma once

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

/// System calls that fail, or kill the process, when they are told to. A program that includes this header
/// has these functions in the place of the C library's; one source of it may.
namespace ctgrad::test::faults {

enum class When { never, once, from_then_on, kill };

/// What happens to the call `at`, counted from 0. A write that kills brings half of its bytes first.
struct Fault {
  When when = When::never;
  std::size_t at = 0;
  int error = 0;
};

struct State {
  bool armed = false;
  Fault fault{};
  std::vector<const char*> calls{};  ///< those made since it was armed
};
inline State state;

/// Calls that are made while this lives are counted, and the fault happens to one of them.
class Armed {
 public:
  explicit Armed(Fault fault) {
    state.fault = fault;
    state.calls.clear();
    state.calls.reserve(200);
    state.armed = true;
  }
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
  ~Armed() { state.armed = false; }
};

/// Counts a call; true if it must fail. Kills the process, `before_kill` first, if that is what must be.
template <class Action>
bool fails(const char* call, Action before_kill) {
  if (!state.armed) return false;
  const std::size_t at = state.calls.size();
  const Fault& fault = state.fault;
  state.calls.push_back(call);
  if (fault.when == When::kill && at == fault.at) {
    before_kill();
    ::raise(SIGKILL);
  }
  const bool hit =
      (fault.when == When::once && at == fault.at) || (fault.when == When::from_then_on && at >= fault.at);
  if (hit) errno = fault.error;
  return hit;
}
inline bool fails(const char* call) {
  return fails(call, [] {});
}

/// The C library's function of the name.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace ctgrad::test::faults

// The C library declares them with names that are reserved to it.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

using ctgrad::test::faults::fails;
using ctgrad::test::faults::real;

int open(const char* path, int flags, ...) {
  std::va_list list;
  va_start(list, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(list, ::mode_t) : 0;
  va_end(list);
  static const auto call = real<int(const char*, int, ...)>("open");
  return fails("open") ? -1 : call(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  std::va_list list;
  va_start(list, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(list, ::mode_t) : 0;
  va_end(list);
  static const auto call = real<int(int, const char*, int, ...)>("openat");
  return fails("openat") ? -1 : call(folder, path, flags, mode);
}

/// One that fails has closed the file.
int close(int file) {
  static const auto call = real<int(int)>("close");
  if (!fails("close")) return call(file);
  const int error = errno;
  call(file);
  errno = error;
  return -1;
}

::ssize_t write(int file, const void* bytes, std::size_t size) {
  static const auto call = real<::ssize_t(int, const void*, std::size_t)>("write");
  return fails("write", [&] { call(file, bytes, size / 2); }) ? -1 : call(file, bytes, size);
}

::ssize_t pwrite(int file, const void* bytes, std::size_t size, ::off_t at) {
  static const auto call = real<::ssize_t(int, const void*, std::size_t, ::off_t)>("pwrite");
  return fails("pwrite", [&] { call(file, bytes, size / 2, at); }) ? -1 : call(file, bytes, size, at);
}

::ssize_t pread(int file, void* bytes, std::size_t size, ::off_t at) {
  static const auto call = real<::ssize_t(int, void*, std::size_t, ::off_t)>("pread");
  return fails("pread") ? -1 : call(file, bytes, size, at);
}

/// One that does not fail does nothing: a test of the disk itself is not what this is.
int fsync(int) { return fails("fsync") ? -1 : 0; }

int flock(int file, int operation) noexcept {
  static const auto call = real<int(int, int)>("flock");
  return fails("flock") ? -1 : call(file, operation);
}

int fchmod(int file, ::mode_t mode) noexcept {
  static const auto call = real<int(int, ::mode_t)>("fchmod");
  return fails("fchmod") ? -1 : call(file, mode);
}

int fchown(int file, ::uid_t user, ::gid_t group) noexcept {
  static const auto call = real<int(int, ::uid_t, ::gid_t)>("fchown");
  return fails("fchown") ? -1 : call(file, user, group);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static const auto call = real<int(int, const char*, int, const char*)>("renameat");
  return fails("renameat") ? -1 : call(from_folder, from, to_folder, to);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static const auto call = real<int(int, const char*, int)>("unlinkat");
  return fails("unlinkat") ? -1 : call(folder, path, flags);
}

int faccessat(int folder, const char* path, int mode, int flags) noexcept {
  static const auto call = real<int(int, const char*, int, int)>("faccessat");
  return fails("faccessat") ? -1 : call(folder, path, mode, flags);
}

int stat(const char* path, struct stat* found) noexcept {
  static const auto call = real<int(const char*, struct stat*)>("stat");
  return fails("stat") ? -1 : call(path, found);
}

int fstat(int file, struct stat* found) noexcept {
  static const auto call = real<int(int, struct stat*)>("fstat");
  return fails("fstat") ? -1 : call(file, found);
}

int fstatat(int folder, const char* path, struct stat* found, int flags) noexcept {
  static const auto call = real<int(int, const char*, struct stat*, int)>("fstatat");
  return fails("fstatat") ? -1 : call(folder, path, found, flags);
}

::ssize_t lgetxattr(const char* path, const char* name, void* value, std::size_t size) noexcept {
  static const auto call = real<::ssize_t(const char*, const char*, void*, std::size_t)>("lgetxattr");
  return fails("lgetxattr") ? -1 : call(path, name, value, size);
}

int fsetxattr(int file, const char* name, const void* value, std::size_t size, int flags) noexcept {
  static const auto call = real<int(int, const char*, const void*, std::size_t, int)>("fsetxattr");
  return fails("fsetxattr") ? -1 : call(file, name, value, size, flags);
}

int fremovexattr(int file, const char* name) noexcept {
  static const auto call = real<int(int, const char*)>("fremovexattr");
  return fails("fremovexattr") ? -1 : call(file, name);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
