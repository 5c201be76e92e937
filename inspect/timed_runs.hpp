#pragma once

#include <ctgrad/inspect/call_costs.hpp>
#include <ctgrad/inspect/stopwatch.hpp>
#include <ctgrad/runtime/program.hpp>
#include <ctgrad/runtime/sharded_program.hpp>

#include <algorithm>
#include <vector>

/// Runs of programs whose kernel calls are timed, for profiles.
namespace ctgrad::profiling {

/// Makes the kernel calls of a run and notes when each began and ended.
class CallTimer {
 public:
  /// For so many calls, the first of which has position `first` in the plan.
  CallTimer(std::size_t first, std::size_t count) : first_(first), spans_(count) {}

  template <class Call>
  void operator()(std::size_t position, const Call& call) {
    Span& span = spans_[position - first_];
    span.begin = Clock::now();
    call();
    span.end = Clock::now();
  }

  const std::vector<Span>& spans() const { return spans_; }

 private:
  std::size_t first_;
  std::vector<Span> spans_;
};

/// Appends the kernel calls of a run of the machine, none of them timed yet.
template <class Scalar, class Machine>
void append_calls(std::vector<ProfiledCall>& calls, std::size_t shard) {
  const Graph graph = Machine::graph.thaw();
  for (std::size_t i = Machine::plan.constants; i < Machine::plan.call_count; ++i) {
    const plan::KernelCall& call = Machine::plan.calls[i];
    calls.push_back(
        {cost_of(graph, Machine::plan.groups, call, runtime::scalar_size<Scalar>), 0, 0, 0, shard});
  }
}

/// Those of a Program.
template <class Scalar, class Program>
class TimedRuns {
  using Machine = typename Program::Machine;

 public:
  explicit TimedRuns(Program& program) : program_(program) {}

  Program& program() const { return program_; }
  /// Whether the thread that asks for a run computes all of it.
  bool are_of_one_thread() const { return program_.threads() == 1; }

  void describe(Profile& profile) const {
    append_calls<Scalar, Machine>(profile.calls, 0);
    profile.threads = program_.threads();
  }

  template <class... Inputs>
  void run(const Inputs&... inputs) {
    program_.run(inputs...);
  }
  template <class... Inputs>
  void run_timed(const Inputs&... inputs) {
    program_.run_with([&](std::size_t position, const auto& call) { timer_(position, call); }, inputs...);
  }

  /// visit(span) for the calls of the last timed run.
  template <class Visit>
  void for_each_span(const Visit& visit) const {
    for (const Span& span : timer_.spans()) visit(span);
  }
  static Span join() { return {}; }

 private:
  Program& program_;
  CallTimer timer_{Machine::plan.constants, Program::kernel_calls()};
};

/// Those of a ShardedProgram, at a rank those of its shards.
template <class Scalar, class Program>
class TimedShards {
  using Machine = typename Program::Machine;

 public:
  explicit TimedShards(Program& program)
      : program_(program),
        timers_(Program::shards(), CallTimer(Machine::plan.constants, Program::Part::kernel_calls())) {}

  Program& program() const { return program_; }
  bool are_of_one_thread() const { return program_.team().size() == 1 && program_.ranks().size() == 1; }

  void describe(Profile& profile) const {
    for (std::size_t shard = first(); shard < last(); ++shard)
      append_calls<Scalar, Machine>(profile.calls, shard);
    profile.shards = last() - first();
    profile.threads = program_.team().size();
    profile.join = ProfiledCall{{-1, -1, {"join shards"}, "", 0, 0}, 0, 0, 0, 0};
  }

  template <class... Inputs>
  void run(const Inputs&... inputs) {
    program_.run(inputs...);
  }
  template <class... Inputs>
  void run_timed(const Inputs&... inputs) {
    program_.run_with(Timers{*this}, inputs...);
  }

  template <class Visit>
  void for_each_span(const Visit& visit) const {
    for (std::size_t shard = first(); shard < last(); ++shard) {
      for (const Span& span : timers_[shard].spans()) visit(span);
    }
  }
  /// When the results of the last timed run's shards were joined.
  const Span& join() const { return join_; }

 private:
  /// What a run makes its calls with; several threads do, each those of another shard.
  struct Timers {
    TimedShards& runs;

    auto shard(std::size_t number) const {
      return
          [&timer = runs.timers_[number]](std::size_t position, const auto& call) { timer(position, call); };
    }
    template <class Join>
    void join(const Join& join) const {
      runs.join_.begin = Clock::now();
      join();
      runs.join_.end = Clock::now();
    }
  };

  std::size_t first() const { return static_cast<std::size_t>(program_.samples_begin()) / samples(); }
  std::size_t last() const { return static_cast<std::size_t>(program_.samples_end()) / samples(); }
  static std::size_t samples() { return static_cast<std::size_t>(Program::samples_of_shard()); }

  Program& program_;
  std::vector<CallTimer> timers_;
  Span join_;
};

}  // namespace ctgrad::profiling
