#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/base/numbers.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

/// The line that tells a person at a terminal how a training run goes.
namespace ctgrad {

/// What the line says. Loss and accuracy (0 to 1) are left out where they are NaN.
struct ProgressState {
  std::size_t step = 0;   ///< steps done
  std::size_t steps = 0;  ///< steps in all
  std::size_t first = 0;  ///< steps that were done before, in other seconds
  double loss = std::nan("");
  double accuracy = std::nan("");
  double seconds = 0;              ///< since the first step began
  std::string_view unit = "step";  ///< what a step is called
};

/// A number with `digits` digits after the point; at most 40 characters of it.
inline std::string decimal(double number, int digits) { return text::fixed(number, digits).substr(0, 40); }

/// "07:05" for 425 seconds, rounded up; minutes may have more than two digits.
inline std::string minutes_and_seconds(double seconds) {
  const double whole = std::ceil(seconds);
  const std::string minutes = decimal(std::floor(whole / 60), 0), rest = decimal(std::fmod(whole, 60), 0);
  return (minutes.size() < 2 ? "0" : "") + minutes + (rest.size() < 2 ? ":0" : ":") + rest;
}

/// "step 120/3000  loss 0.1234  accuracy 97.50 %  410.0 steps/s  00:07 left"; rate and time left are left out
/// before there is anything to tell them from.
inline std::string progress_line(const ProgressState& state) {
  std::string line(state.unit);
  line += " " + std::to_string(state.step) + "/" + std::to_string(state.steps);
  if (!is_nan(state.loss)) line += "  loss " + decimal(state.loss, 4);
  if (!is_nan(state.accuracy)) line += "  accuracy " + decimal(100 * state.accuracy, 2) + " %";
  if (state.step > state.first && state.seconds > 0) {
    const double rate = static_cast<double>(state.step - state.first) / state.seconds;
    const auto left = static_cast<double>(state.steps - std::min(state.step, state.steps));
    line += "  " + decimal(rate, 1) + " ";
    line += state.unit;
    line += "s/s  " + minutes_and_seconds(left / rate) + " left";
  }
  return line;
}

/// Rewrites one line in place, at most ten times a second, and takes it away in the end. Where the stream is
/// no terminal nothing is ever written.
class Progress {
 public:
  /// Of `steps` steps in all `first` were done before. `stream` must outlive this object; a null one is no
  /// terminal. `unit` is what a step is called, in the singular, and must outlive it too.
  explicit Progress(std::size_t steps, std::FILE* stream = stderr, std::size_t first = 0,
                    std::string_view unit = "step")
      : steps_(steps),
        first_(first),
        unit_(unit),
        stream_(stream != nullptr && isatty(fileno(stream)) != 0 ? stream : nullptr),
        begin_(Clock::now()) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// Says that `step` steps are done. Leave out what is not known.
  void update(std::size_t step, double loss = std::nan(""), double accuracy = std::nan("")) {
    if (stream_ == nullptr) return;
    const Clock::time_point now = Clock::now();
    if (width_ != 0 && now - shown_ < std::chrono::milliseconds(100)) return;
    shown_ = now;
    const std::chrono::duration<double> seconds = now - begin_;
    show(progress_line({step, steps_, first_, loss, accuracy, seconds.count(), unit_}));
  }

  /// Takes the line away, so that something else can be printed; the next update brings it back.
  void clear() {
    if (width_ == 0) return;
    show("");
    std::fputc('\r', stream_);
    std::fflush(stream_);
    width_ = 0;
  }

  /// Leaves the line as it is, and goes on below it.
  void keep() {
    if (width_ == 0) return;
    std::fputc('\n', stream_);
    std::fflush(stream_);
    width_ = 0;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void show(const std::string& line) {
    const std::size_t width =
        std::min<std::size_t>(line.size(), 79);  // a line that wraps cannot be rewritten
    std::fprintf(stream_, "\r%-*.79s", static_cast<int>(std::max(width, width_)), line.c_str());
    std::fflush(stream_);
    width_ = width;
  }

  std::size_t steps_;
  std::size_t first_;
  std::string_view unit_;
  std::FILE* stream_;
  Clock::time_point begin_;
  Clock::time_point shown_;
  std::size_t width_ = 0;
};

}  // namespace ctgrad
