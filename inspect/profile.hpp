#pragma once

#include <ctgrad/inspect/call_costs.hpp>
#include <ctgrad/inspect/peak.hpp>
#include <ctgrad/inspect/profile_table.hpp>
#include <ctgrad/runtime/program.hpp>

#include <chrono>
#include <stdexcept>
#include <tuple>

/// Where the time of a program's run goes: `std::cout << profile(program, parameters, ids)(20)`. A program
/// that is not profiled carries nothing of this, nor does an ordinary run of one that is.
namespace ctgrad {

namespace profiling {

using Clock = std::chrono::steady_clock;

inline double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

struct Span {
  Clock::time_point begin, end;
};

/// What reading the clock adds to the time between two readings: the median of many.
inline double clock_seconds() {
  std::vector<double> empty(1001);
  for (double& seconds : empty) {
    const Clock::time_point begin = Clock::now();
    seconds = seconds_between(begin, Clock::now());
  }
  const auto middle = empty.begin() + std::ssize(empty) / 2;
  std::nth_element(empty.begin(), middle, empty.end());
  return *middle;
}

/// Makes the kernel calls of a run and notes when each began and ended.
class CallTimer {
 public:
  /// For so many calls, the first of which has position `first` in the plan.
  CallTimer(std::size_t first, std::size_t count) : first_(first), spans_(count) {}

  void operator()(std::size_t position, runtime::Kernel kernel, const Pointers& pointers) {
    Span& span = spans_[position - first_];
    span.begin = Clock::now();
    kernel(pointers);
    span.end = Clock::now();
  }

  const std::vector<Span>& spans() const { return spans_; }

 private:
  std::size_t first_;
  std::vector<Span> spans_;
};

/// The kernel calls of a run of the machine, none of them timed yet.
template <class Scalar, class Machine>
std::vector<ProfiledCall> calls_of() {
  const Graph graph = Machine::graph.thaw();
  std::vector<ProfiledCall> calls;
  for (std::size_t i = Machine::plan.constants; i < Machine::plan.call_count; ++i) {
    const plan::KernelCall& call = Machine::plan.calls[i];
    calls.push_back({cost_of(graph, Machine::plan.groups, call, runtime::scalar_size<Scalar>), 0, 0, 0});
  }
  return calls;
}

/// Says that nothing happens behind a run.
struct NoUpdate {};

/// A program with the inputs of its runs, to be profiled at once: it refers to both.
template <class Program, class Scalar, class... Inputs>
class [[nodiscard]] Profiler {
  using Machine = typename Program::Machine;

 public:
  explicit Profiler(Program& program, const Inputs&... inputs) : program_(program), inputs_(inputs...) {}

  /// Takes steps to warm up, then `runs` steps without timers and as many with them, in turns. A step runs
  /// the program and hands its result to `update`, if there is one, which is timed as well: a training step
  /// is `profile(step, parameters, ids, targets)(20, [&](const auto& result) { adam.update(parameters,
  /// result); })`, and has trained so often then as `steps` of the profile says. What a run computes is what
  /// it computes without timers. Throws std::invalid_argument where runs < 1, and what runs and update throw.
  template <class Update = NoUpdate>
  Profile operator()(int runs, Update update = {}) && {
    if (runs < 1)
      throw std::invalid_argument("profile: expected at least 1 run, got " + to_string(Size{runs}));
    Profile found;
    found.calls = calls_of<Scalar, Machine>();
    if (!std::is_same_v<Update, NoUpdate>)
      found.update = ProfiledCall{{-1, -1, {"update"}, "", 0, 0}, 0, 0, 0};
    found.peak = peak_flops<Scalar>();
    found.runs = runs;
    const int warm_up = 1 + runs / 5;
    found.steps = warm_up + 2 * runs;
    for (int i = 0; i < warm_up; ++i) plain_step(update);
    for (int i = 0; i < runs; ++i) {
      found.step_seconds += plain_step(update) / runs;
      timed_step(update, found);
    }
    return found;
  }

 private:
  /// Takes a step without timers and gives its seconds.
  template <class Update>
  double plain_step(Update& update) {
    const Clock::time_point begin = Clock::now();
    [[maybe_unused]] const auto result =
        std::apply([&](const Inputs&... inputs) { return program_(inputs...); }, inputs_);
    if constexpr (!std::is_same_v<Update, NoUpdate>) update(result);
    return seconds_between(begin, Clock::now());
  }

  /// Takes a step with timers and adds its part of the means to what was found.
  template <class Update>
  void timed_step(Update& update, Profile& found) {
    const Clock::time_point begin = Clock::now();
    const auto make_call = [&](std::size_t position, runtime::Kernel kernel, const Pointers& pointers) {
      timer_(position, kernel, pointers);
    };
    std::apply([&](const Inputs&... inputs) { program_.run_with(make_call, inputs...); }, inputs_);
    [[maybe_unused]] const auto result = program_.result();
    Span updating{Clock::now(), {}};
    if constexpr (!std::is_same_v<Update, NoUpdate>) update(result);
    updating.end = Clock::now();
    note(found, {begin, updating.end}, updating);
  }

  void note(Profile& found, Span step, Span updating) {
    const double seconds = seconds_between(step.begin, step.end);
    found.timed_seconds += seconds / found.runs;
    const bool is_shown = found.shown_seconds == 0 || seconds < found.shown_seconds;
    if (is_shown) found.shown_seconds = seconds;
    const auto add = [&](ProfiledCall& call, Span span) {
      const double taken = seconds_between(span.begin, span.end) - clock_seconds_;
      call.seconds += std::max(taken, 0.0) / found.runs;
      if (!is_shown) return;
      call.begin = seconds_between(step.begin, span.begin);
      call.end = seconds_between(step.begin, span.end);
    };
    for (std::size_t i = 0; i < found.calls.size(); ++i) add(found.calls[i], timer_.spans()[i]);
    if (found.update) add(*found.update, updating);
  }

  Program& program_;
  std::tuple<const Inputs&...> inputs_;
  double clock_seconds_ = clock_seconds();
  CallTimer timer_{Machine::plan.constants, Program::kernel_calls()};
};

}  // namespace profiling

/// What times a program's runs on these inputs, which are those of a run: `profile(program, x)(20)` runs it
/// and gives the means of 20 runs as a Profile, which prints as a table. The program, and what it is run on,
/// must live until then; its last result is that of the last run.
template <class Scalar, auto Function, class... Arguments, class... Inputs>
auto profile(BasicProgram<Scalar, Function, Arguments...>& program, const Inputs&... inputs) {
  return profiling::Profiler<BasicProgram<Scalar, Function, Arguments...>, Scalar, Inputs...>(program,
                                                                                              inputs...);
}

}  // namespace ctgrad
