#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

/// What every program does around its work: it says why it failed, and that what it printed did not arrive.
/// Exit codes: 0 if all is well, 1 if a bar was missed, 2 if it refused or failed, 128 + N if signal N
/// stopped it.

/// What a program that a signal stopped throws in the end.
class Stopped : public std::runtime_error {
 public:
  Stopped(int signal, const std::string& words) : std::runtime_error(words), exit_code(128 + signal) {}

  int exit_code;
};

namespace program {

/// The cause of the first failure to print; 0 while there was none.
inline int output_error = 0;

/// Where a standard stream was closed, the next file that is opened would take its place, and be printed
/// into. So they are opened such that every use fails.
inline void reserve_standard_streams() {
  for (const int stream : {0, 1, 2}) {
    if (::fcntl(stream, F_GETFD) == -1 && errno == EBADF)
      static_cast<void>(::open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY));
  }
}

/// What a closed pipe, or a file of the largest size, does not take fails where it is written, as what a full
/// disk does not take; no run ends for that.
inline void ignore_signals_of_outputs() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

/// Shows what was printed so far. That it cannot be is said in the end: no run ends for that.
inline void flush_output() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  if (errno == 0) {  // its cause was an earlier one: ask again
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, "\n", 1);
  }
  if (output_error == 0) output_error = errno != 0 ? errno : EIO;
}

/// The exit code of a program that would end with `code`: 2 if not all that it printed has arrived, which it
/// then says.
inline int finish(const char* name, int code) {
  flush_output();
  if (output_error == 0) return code;
  std::fprintf(stderr, "%s: standard output: %s\n", name, std::strerror(output_error));
  return 2;
}

/// Runs what gives the exit code; what that throws is printed.
template <class Body>
int run(const char* name, Body body) {
  reserve_standard_streams();
  ignore_signals_of_outputs();
  int code = 2;
  try {
    code = body();
  } catch (const std::exception& error) {
    flush_output();
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    if (const auto* stopped = dynamic_cast<const Stopped*>(&error)) code = stopped->exit_code;
  }
  return finish(name, code);
}

}  // namespace program
