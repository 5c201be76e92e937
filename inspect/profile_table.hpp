#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/base/shape.hpp>
#include <ctgrad/inspect/columns.hpp>
#include <ctgrad/inspect/timeline.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>

/// Where the time of a program's run goes, as data, as text and as a timeline.
namespace ctgrad {

/// A kernel call, told from its graph and plan.
struct CallCost {
  std::int32_t node = 0;    ///< the graph's node whose value is the call's result
  std::int32_t kernel = 0;  ///< the position of the first call in the plan that has an equal kernel
  std::vector<std::string_view> operations;  ///< all that it computes, in order: matmul, add, relu
  /// Of the first two arrays that it reads, and of its result: "[2, 3] [3, 4] -> [2, 4]". Of a product also
  /// which of its two matrices are stored transposed, as `table` has it: "[3, 2] [3, 4] {1,0} -> [2, 4]".
  /// What is stored as bf16 says so: "[2, 3] bf16 [3, 4] -> [2, 4]".
  std::string shapes;
  Size flops = 0;  ///< floating-point operations
  Size bytes = 0;  ///< that it reads and writes, every operand once
};

/// A kernel call of a run, or the update behind it, and the time that it takes.
struct ProfiledCall {
  CallCost cost;
  double seconds = 0;     ///< the mean of the timed steps, without what timing itself takes
  double begin = 0;       ///< in the step that the timeline shows, in seconds since that began
  double end = 0;         ///< the same; here what timing takes is a part of it
  std::size_t shard = 0;  ///< that it is a part of
};

/// All calls of one kernel, which differ only in where they read and write.
struct ProfiledKernel {
  CallCost cost;  ///< of the first of them; flops and bytes are those of all
  Size calls = 0;
  double seconds = 0;

  double flops_per_second() const { return seconds > 0 ? static_cast<double>(cost.flops) / seconds : 0; }
  double bytes_per_second() const { return seconds > 0 ? static_cast<double>(cost.bytes) / seconds : 0; }
};

/// What `profile` finds. A step is a run of the program and, where there is one, the update behind it. Means
/// are of the quicker half of the steps; where one thread computes, in seconds without those in which the
/// system gave the processor to others.
struct Profile {
  std::vector<ProfiledCall> calls;     ///< all kernel calls of a run, in their order
  std::optional<ProfiledCall> join;    ///< of shards' results, named "join shards"
  std::optional<ProfiledCall> update;  ///< named "update"; what it computes is not known, only its time
  double step_seconds = 0;             ///< the mean of whole steps without timers
  double timed_seconds = 0;            ///< the mean of whole steps with a timer around every call
  double shown_seconds = 0;  ///< of the step that the timeline shows, the quickest of the timed ones
  double peak = 0;           ///< floating-point operations a second, as peak_flops() measures them
  int runs = 0;              ///< steps that were timed: so many with timers, so many without
  int steps = 0;             ///< that were taken in all, those of the warm-up too
  double clock_seconds = 0;  ///< that reading the clock adds to a call, and the calls' means are without
  std::size_t threads = 1;   ///< of the program's team
  std::size_t shards = 0;    ///< whose calls these threads make side by side; 0: they share the larger calls

  /// How many threads make calls at the same time.
  std::size_t side_by_side() const { return std::max<std::size_t>(std::min(threads, shards), 1); }

  /// The seconds that threads have for a step: so many times its own.
  double thread_seconds() const { return static_cast<double>(side_by_side()) * step_seconds; }

  /// The seconds of all kernel calls, the join and the update together, of all threads that make them side by
  /// side; all of these are held up by a join or an update.
  double seconds() const {
    double sum = 0;
    for (const ProfiledCall& call : calls) sum += call.seconds;
    for (const auto& whole : {join, update}) sum += whole ? of_all_threads(*whole).seconds : 0;
    return sum;
  }

  /// What that sum leaves unexplained of a whole step without timers, in per cent; below 0 where calls took
  /// longer in timed steps than the whole in others. Threads that wait for others are in it.
  double unexplained() const { return step_seconds > 0 ? 100 * (1 - seconds() / thread_seconds()) : 0; }

  /// The kernels, and the update, by the time that all their calls take together, the longest first.
  std::vector<ProfiledKernel> kernels() const {
    std::vector<ProfiledKernel> rows;
    for (const ProfiledCall& call : calls) {
      auto row = std::ranges::find(rows, call.cost.kernel, [](const auto& of) { return of.cost.kernel; });
      if (row == rows.end()) {
        rows.push_back({call.cost, 1, call.seconds});
        continue;
      }
      ++row->calls;
      row->cost.flops += call.cost.flops;
      row->cost.bytes += call.cost.bytes;
      row->seconds += call.seconds;
    }
    for (const auto& whole : {join, update}) {
      if (whole) rows.push_back(of_all_threads(*whole));
    }
    std::ranges::stable_sort(rows, std::ranges::greater{}, &ProfiledKernel::seconds);
    return rows;
  }

  /// The calls of one step after each other, within the step.
  std::vector<TimelineEvent> timeline() const;

  /// Writes the timeline to a file that browsers show: open it in chrome://tracing or
  /// https://ui.perfetto.dev. Throws std::system_error, which names the file, where it cannot be written.
  void write_trace(const std::filesystem::path& path) const { write_timeline(path, timeline()); }

 private:
  ProfiledKernel of_all_threads(const ProfiledCall& whole) const {
    return {whole.cost, 1, static_cast<double>(side_by_side()) * whole.seconds};
  }
};

namespace text {

/// "matmul + add + relu", with "4 more" for what is beyond so many.
inline std::string sum_of(const std::vector<std::string_view>& operations, std::size_t most) {
  std::string names;
  const std::size_t shown = operations.size() > most ? most - 1 : operations.size();
  for (std::size_t i = 0; i < shown; ++i) names += (i == 0 ? "" : " + ") + std::string(operations[i]);
  if (shown < operations.size())
    names += " + " + to_string(static_cast<Size>(operations.size() - shown)) + " more";
  return names;
}

/// "12.5 %" for 0.125
inline std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

}  // namespace text

inline std::vector<TimelineEvent> Profile::timeline() const {
  std::vector<TimelineEvent> events{{"step", 0, shown_seconds, {}, {}}};
  const auto add = [&](const ProfiledCall& call) {
    const CallCost& cost = call.cost;
    const double seconds = call.end - call.begin;
    TimelineEvent event{text::sum_of(cost.operations, 4), call.begin, seconds, {}, {}};
    if (shards > 0) event.track = "shard " + std::to_string(call.shard);
    event.facts = {{"operations", text::json_string(text::sum_of(cost.operations, cost.operations.size()))},
                   {"shapes", text::json_string(cost.shapes)},
                   {"node", to_string(Size{cost.node})},
                   {"flops", to_string(cost.flops)},
                   {"bytes", to_string(cost.bytes)}};
    if (seconds - clock_seconds > clock_seconds) {
      event.facts.emplace_back("GFLOP/s", text::fixed(1e-9 * static_cast<double>(cost.flops) / seconds, 3));
      event.facts.emplace_back("GB/s", text::fixed(1e-9 * static_cast<double>(cost.bytes) / seconds, 3));
    }
    events.push_back(std::move(event));
  };
  for (const ProfiledCall& call : calls) add(call);
  for (const auto& whole : {join, update}) {
    if (whole)
      events.push_back(
          {std::string(whole->cost.operations.front()), whole->begin, whole->end - whole->begin, {}, {}});
  }
  return events;
}

namespace text {

/// The line of a kernel; `unit` in seconds. What is not known, or is nothing, is blank; a rate of calls that
/// take less time than reading the clock is "-".
inline std::vector<std::string> cells_of(const ProfiledKernel& kernel, const Profile& profile, double unit) {
  const bool computes = kernel.cost.flops > 0;
  const bool moves = kernel.cost.bytes > 0;
  const bool is_short = kernel.seconds <= static_cast<double>(kernel.calls) * profile.clock_seconds;
  const auto rate = [&](bool is_known, std::string words) {
    return !is_known ? std::string() : is_short ? std::string("-") : std::move(words);
  };
  return {sum_of(kernel.cost.operations, 4),
          kernel.cost.shapes,
          to_string(kernel.calls),
          fixed(kernel.seconds / unit, 3),
          profile.step_seconds > 0 ? percent(kernel.seconds / profile.thread_seconds()) : "",
          rate(computes, fixed(1e-9 * kernel.flops_per_second(), 2)),
          rate(computes && profile.peak > 0, percent(kernel.flops_per_second() / profile.peak)),
          rate(moves, fixed(1e-9 * kernel.bytes_per_second(), 2))};
}

/// What the last line says of threads, where there are several.
inline std::string threads_of(const Profile& profile) {
  const auto count = [](std::size_t number) { return to_string(static_cast<Size>(number)); };
  if (profile.shards == 0)
    return profile.threads == 1 ? ""
                                : " of one thread; " + count(profile.threads) + " share the larger calls";
  return " of one thread; " + count(profile.shards) + " shards in " + count(profile.threads) +
         (profile.threads == 1 ? " thread" : " threads, whose times are added up");
}

}  // namespace text

/// One line a kernel, its calls together, the longest first; then their sum, and what it leaves unexplained.
inline std::string to_string(const Profile& profile) {
  constexpr double millisecond = 1e-3, microsecond = 1e-6;
  const bool is_long = profile.step_seconds >= 10 * millisecond;
  const double unit = is_long ? millisecond : microsecond;
  const std::string unit_name = is_long ? "ms" : "us";
  text::Columns table(2);
  table.add({"kernel", "shapes", "calls", unit_name, "of step", "GFLOP/s", "of peak", "GB/s"});
  table.add_rule();
  ProfiledKernel total{{-1, -1, {"total"}, "", 0, 0}, 0, 0};
  for (const ProfiledKernel& kernel : profile.kernels()) {
    table.add(text::cells_of(kernel, profile, unit));
    total.calls += kernel.calls;
    total.cost.flops += kernel.cost.flops;
    total.cost.bytes += kernel.cost.bytes;
    total.seconds += kernel.seconds;
  }
  table.add_rule();
  table.add(text::cells_of(total, profile, unit));
  return table.text() + "a step without timers: " + text::fixed(profile.step_seconds / unit, 3) + " " +
         unit_name + ", of which the sum leaves " + text::fixed(profile.unexplained(), 2) +
         " % unexplained; means of the quicker half of " + to_string(Size{profile.runs}) +
         (profile.runs == 1 ? " run" : " runs") + "; peak " + text::fixed(1e-9 * profile.peak, 1) +
         " GFLOP/s" + text::threads_of(profile) + "\n";
}

inline std::ostream& operator<<(std::ostream& out, const Profile& profile) {
  return out << to_string(profile);
}

}  // namespace ctgrad
