#include <ctgrad/train/progress.hpp>
#include <ctgrad/train/require.hpp>

#include <support/catch.hpp>
#include <support/comma_locale.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

using ctgrad::Progress;
using ctgrad::progress_line;

namespace {

/// A terminal to write to, and what has been written to it. `opened` is false where the system has none to
/// give.
struct Terminal {
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  std::FILE* stream = nullptr;

  Terminal() {
    if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
      stream = std::fopen(ptsname(master), "w");
  }
  ~Terminal() {
    if (stream != nullptr) std::fclose(stream);
    if (master >= 0) close(master);
  }
  bool opened() const { return stream != nullptr && isatty(fileno(stream)) != 0; }

  std::string written() const {
    std::fputc('#', stream);  // there is always something to read
    std::fflush(stream);
    std::array<char, 4096> bytes{};
    std::string text;
    while (!text.ends_with('#')) {
      const auto count = ::read(master, bytes.data(), bytes.size());
      if (count <= 0) break;
      text.append(bytes.data(), static_cast<std::size_t>(count));
    }
    text.pop_back();
    return text;
  }
};

/// What a terminal shows of the current line after these characters.
std::string shown(const std::string& characters) {
  std::string line;
  std::size_t column = 0;
  for (const char character : characters) {
    if (character == '\r') {
      column = 0;
    } else {
      if (column == line.size()) line.push_back(' ');
      line[column++] = character;
    }
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

TEST_CASE("the line says step, loss, accuracy, rate and time left", "[progress]") {
  CHECK(progress_line({.step = 120, .steps = 3000, .loss = 0.12345, .accuracy = 0.975, .seconds = 60}) ==
        "step 120/3000  loss 0.1235  accuracy 97.50 %  2.0 steps/s  24:00 left");
}

TEST_CASE("the line leaves out what is not known yet", "[progress]") {
  CHECK(progress_line({.step = 0, .steps = 10}) == "step 0/10");
  CHECK(progress_line({.step = 0, .steps = 10, .seconds = 1}) == "step 0/10");
  CHECK(progress_line({.step = 5, .steps = 10, .seconds = 0.5, .unit = "text"}) ==
        "text 5/10  10.0 texts/s  00:01 left");
  CHECK(progress_line({.step = 5, .steps = 10, .loss = 2, .seconds = 0.5}) ==
        "step 5/10  loss 2.0000  10.0 steps/s  00:01 left");
}

TEST_CASE("the rate of a resumed run is that of its own steps", "[progress]") {
  CHECK(progress_line({.step = 500, .steps = 1000, .first = 500, .seconds = 1}) == "step 500/1000");
  CHECK(progress_line({.step = 520, .steps = 1000, .first = 500, .seconds = 2}) ==
        "step 520/1000  10.0 steps/s  00:48 left");
}

TEST_CASE("time left is rounded up, in minutes and seconds, and is zero at the end", "[progress]") {
  const auto left = [](std::size_t step, std::size_t steps, double seconds) {
    const std::string line = progress_line({.step = step, .steps = steps, .seconds = seconds});
    return line.substr(line.rfind("  ") + 2);
  };
  CHECK(left(1, 60, 1) == "00:59 left");
  CHECK(left(1, 61, 1) == "01:00 left");
  CHECK(left(1, 6062, 1) == "101:01 left");
  CHECK(left(2, 3, 0.001) == "00:01 left");
  CHECK(left(7, 7, 1) == "00:00 left");
  CHECK(left(8, 7, 1) == "00:00 left");
}

TEST_CASE("nothing at all is written where the stream is no terminal", "[progress]") {
  std::FILE* stream = std::tmpfile();
  REQUIRE(stream != nullptr);
  {
    Progress progress(10, stream);
    progress.update(1, 0.5, 0.5);
    progress.clear();
    progress.update(2);
  }
  CHECK(std::ftell(stream) == 0);
  std::fclose(stream);
}

TEST_CASE("on a terminal the line is shown in place and taken away in the end", "[progress]") {
  Terminal terminal;
  if (!terminal.opened()) {
    WARN("no terminal to be had here");
    return;
  }
  {
    Progress progress(10, terminal.stream);
    progress.update(1, 0.5);
    const std::string first = terminal.written();
    CHECK(shown(first).starts_with("step 1/10  loss 0.5000"));
    CHECK(first.starts_with('\r'));
    CHECK(first.find('\n') == std::string::npos);
    progress.clear();
    CHECK(shown(first + terminal.written()).empty());
    progress.update(3);
    CHECK(shown(terminal.written()).starts_with("step 3/10"));
  }
  const std::string last = terminal.written();
  CHECK(shown(std::string(79, 'x') + last).find("step") == std::string::npos);
  CHECK(last.ends_with('\r'));
}

TEST_CASE("the line is the same in every locale", "[progress]") {
  const auto line = [] {
    return progress_line({.step = 1234567, .steps = 2000000, .loss = 1234.5, .seconds = 10});
  };
  const std::string expected = line();
  CHECK_THAT(expected, ctgrad::test::contains("loss 1234.5000"));
  const ctgrad::test::CommaLocale locale;
  CHECK(line() == expected);
  CHECK(ctgrad::shortest(0.5) == "0.5");
}

TEST_CASE("the line is rewritten at most ten times a second", "[progress]") {
  Terminal terminal;
  if (!terminal.opened()) {
    WARN("no terminal to be had here");
    return;
  }
  const auto begin = std::chrono::steady_clock::now();
  Progress progress(1000, terminal.stream);
  for (std::size_t step = 1; step <= 1000; ++step) progress.update(step);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const std::string written = terminal.written();
  CHECK(shown(written).starts_with("step 1"));
  CHECK(static_cast<double>(std::ranges::count(written, '\r')) <= 1 + 10 * took.count());
}

TEST_CASE("a line is never wider than the terminal that everybody has", "[progress]") {
  Terminal terminal;
  if (!terminal.opened()) {
    WARN("no terminal to be had here");
    return;
  }
  constexpr auto most = std::numeric_limits<std::size_t>::max();
  Progress progress(most, terminal.stream);
  progress.update(most / 2, 1e300, 1e300);
  const std::string written = terminal.written();
  CHECK(written.size() <= 80);
  progress.clear();
  CHECK(shown(written + terminal.written()).empty());
}

TEST_CASE("a line that is kept stays, and what follows stands below it", "[progress]") {
  const Terminal terminal;
  if (!terminal.opened()) {
    WARN("no terminal to be had here");
    return;
  }
  Progress progress(10, terminal.stream);
  progress.update(4);
  progress.keep();
  progress.clear();
  const std::string text = terminal.written();
  CHECK(shown(text.substr(0, text.find('\r', 1))).starts_with("step 4/10"));
  CHECK(text.ends_with("\r\n"));
}
