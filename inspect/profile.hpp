#pragma once

#include <ctgrad/inspect/peak.hpp>
#include <ctgrad/inspect/profile_table.hpp>
#include <ctgrad/inspect/timed_runs.hpp>

#include <stdexcept>
#include <tuple>
#include <type_traits>

/// Where the time of a program's run goes: `std::cout << profile(program, parameters, ids)(20)`. A program
/// that is not profiled carries nothing of this, nor does an ordinary run of one that is.
namespace ctgrad {

namespace profiling {

/// Two steps behind each other, in seconds that the processor spent on them. Which is the first alternates:
/// where the machine gets slower or faster with time, that favours neither.
struct StepPair {
  double plain = 0;  ///< of the one without timers
  double timed = 0;  ///< of the one with them
  /// Each call's part of that, and behind them that of the join of shards, if there are any, and the
  /// update's.
  std::vector<double> calls;
};

/// Fills in the means of the quicker half of the pairs: what else the machine did meanwhile slowed down the
/// others most.
inline void fill_in_means(Profile& profile, std::vector<StepPair> pairs) {
  std::ranges::sort(pairs, {}, [](const StepPair& pair) { return pair.plain + pair.timed; });
  pairs.resize((pairs.size() + 1) / 2);
  const auto count = static_cast<double>(pairs.size());
  for (const StepPair& pair : pairs) {
    profile.step_seconds += pair.plain / count;
    profile.timed_seconds += pair.timed / count;
    for (std::size_t i = 0; i < profile.calls.size(); ++i) profile.calls[i].seconds += pair.calls[i] / count;
    if (profile.join) profile.join->seconds += pair.calls[profile.calls.size()] / count;
    if (profile.update) profile.update->seconds += pair.calls.back() / count;
  }
}

/// Says that nothing happens behind a run.
struct NoUpdate {};

/// A program with the inputs of its runs, to be profiled at once: it refers to both. `Runs` are TimedRuns or
/// TimedShards, of a Scalar.
template <class Scalar, class Runs, class Program, class... Inputs>
class [[nodiscard]] Profiler {
 public:
  explicit Profiler(Program& program, const Inputs&... inputs) : runs_(program), inputs_(inputs...) {}

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
    runs_.describe(found);
    if constexpr (!std::is_same_v<Update, NoUpdate>)
      found.update = ProfiledCall{{-1, -1, {"update"}, "", 0, 0}, 0, 0, 0};
    found.peak = peak_flops<Scalar>();
    found.runs = runs;
    found.clock_seconds = clock_seconds_;
    const int warm_up = 1 + runs / 5;
    found.steps = warm_up + 2 * runs;
    for (int i = 0; i < warm_up; ++i) plain_step(update);
    std::vector<StepPair> pairs;
    for (int i = 0; i < runs; ++i) {
      StepPair pair;
      if (i % 2 == 0) pair.plain = plain_step(update);
      timed_step(update, found, pair);
      if (i % 2 == 1) pair.plain = plain_step(update);
      pairs.push_back(std::move(pair));
    }
    fill_in_means(found, std::move(pairs));
    return found;
  }

 private:
  /// Takes a step without timers and gives its seconds.
  template <class Update>
  double plain_step(Update& update) {
    StepWatch watch(runs_.are_of_one_thread());
    std::apply([&](const Inputs&... inputs) { runs_.run(inputs...); }, inputs_);
    [[maybe_unused]] const auto result = runs_.program().result();
    if constexpr (!std::is_same_v<Update, NoUpdate>) update(result);
    return watch.stop(Clock::now());
  }

  /// Takes a step with timers; one that is the quickest so far becomes the timeline.
  template <class Update>
  void timed_step(Update& update, Profile& found, StepPair& pair) {
    StepWatch watch(runs_.are_of_one_thread());
    std::apply([&](const Inputs&... inputs) { runs_.run_timed(inputs...); }, inputs_);
    [[maybe_unused]] const auto result = runs_.program().result();
    Span updating{Clock::now(), {}};
    if constexpr (!std::is_same_v<Update, NoUpdate>) update(result);
    updating.end = Clock::now();
    pair.timed = watch.stop(updating.end);
    const Span step = watch.span();
    if (found.shown_seconds == 0 || step.seconds() < found.shown_seconds) show(found, step, updating);
    // What others had of the step, they had of every call.
    const double share = step.seconds() > 0 ? pair.timed / step.seconds() : 1;
    const auto add = [&](const Span& span) {
      pair.calls.push_back(std::max(span.seconds() - clock_seconds_, 0.0) * share);
    };
    runs_.for_each_span(add);
    if (found.join) add(runs_.join());
    add(updating);
  }

  /// Makes the last step the one that the timeline shows.
  void show(Profile& found, const Span& step, const Span& updating) {
    found.shown_seconds = step.seconds();
    const auto place = [&](ProfiledCall& call, const Span& span) {
      call.begin = seconds_between(step.begin, span.begin);
      call.end = seconds_between(step.begin, span.end);
    };
    auto call = found.calls.begin();
    runs_.for_each_span([&](const Span& span) { place(*call++, span); });
    if (found.join) place(*found.join, runs_.join());
    if (found.update) place(*found.update, updating);
  }

  Runs runs_;
  std::tuple<const Inputs&...> inputs_;
  double clock_seconds_ = clock_seconds();
};

}  // namespace profiling

/// What times a program's runs on these inputs, which are those of a run: `profile(program, x)(20)` runs it
/// and gives the means of the quicker half of 20 runs as a Profile, which prints as a table. A team that the
/// program has shares its calls as ever. The program, and what it is run on, must live until then; its last
/// result is that of the last run.
template <class Scalar, auto Function, class... Arguments, class... Inputs>
auto profile(BasicProgram<Scalar, Function, Arguments...>& program, const Inputs&... inputs) {
  using Program = BasicProgram<Scalar, Function, Arguments...>;
  return profiling::Profiler<Scalar, profiling::TimedRuns<Scalar, Program>, Program, Inputs...>(program,
                                                                                                inputs...);
}

/// The same of a program in shards, whose calls are made by the threads of its team: the profile has the
/// calls of all shards, and what joining their results takes. Several ranks call it together; each has the
/// calls of its own shards.
template <class Scalar, std::size_t Shards, auto Function, class... Arguments, class... Inputs>
auto profile(BasicShardedProgram<Scalar, Shards, Function, Arguments...>& program, const Inputs&... inputs) {
  using Program = BasicShardedProgram<Scalar, Shards, Function, Arguments...>;
  return profiling::Profiler<Scalar, profiling::TimedShards<Scalar, Program>, Program, Inputs...>(program,
                                                                                                  inputs...);
}

}  // namespace ctgrad
