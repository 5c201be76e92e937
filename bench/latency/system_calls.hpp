#pragma once

#include <string>

#if defined(__linux__)
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#endif

/// Whether code asks the operating system for anything.
namespace bench {

/// What came of code that was watched.
enum class Watched { no_system_call, system_call, not_watched };

/// Runs `body` in a copy of this process that the kernel kills at any system call but read, write and exit.
/// `reason` then says why it could not be watched, if so. What the body changes is lost.
template <class Body>
Watched watch_system_calls(const Body& body, std::string& reason) {
#if defined(__linux__)
  constexpr int no_filter = 3;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) ::_exit(no_filter);
    body();
    ::syscall(SYS_exit, 0);  // _exit() would be another call, exit_group
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) {
    reason = std::strerror(errno);
    return Watched::not_watched;
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return Watched::system_call;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Watched::no_system_call;
  reason = WIFSIGNALED(status) ? "it was ended by another signal" : "this system has no strict seccomp";
  return Watched::not_watched;
#else
  static_cast<void>(body);
  reason = "this system has no seccomp";
  return Watched::not_watched;
#endif
}

}  // namespace bench
