#pragma once

#include "../support/training.hpp"
#include "team_program.hpp"
#include "times.hpp"

#include <chrono>
#include <memory>

namespace bench {

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// One model in training or at work, its program being of type P.
template <Shape S, class P>
class Runner {
 public:
  template <class... Teams>
  explicit Runner(const Teams&... team) : program_(team...) {
    (adam_.set_team(team), ...);
  }

  /// The seconds that a step took on average, of so many.
  double steps(std::size_t count) {
    return time(count, [&](const auto& batch) {
      const auto result = program_(parameters_, batch.ids, batch.targets);
      adam_.update(parameters_, result.gradients);
    });
  }

  /// The same of forward passes.
  double passes(std::size_t count) {
    return time(count, [&](const auto& batch) { static_cast<void>(program_(parameters_, batch.ids)); });
  }

 private:
  template <class Run>
  double time(std::size_t count, const Run& run) {
    const auto& batches = batches_.draw(count);
    const double begin = seconds_now();
    for (const auto& batch : batches) run(batch);
    return (seconds_now() - begin) / static_cast<double>(count);
  }

  cg::Parameters<Model<S>> parameters_{cg::Seed{1}};
  P program_;
  cg::Adam<float> adam_{parameters_, {.learning_rate = 1e-3}};
  Batches<S> batches_;
};

/// Times runs of a whole batch and of shards in turns, behind ones that are not timed.
template <class Whole, class Sharded, class Run>
Times time_in_turns(const ThreadRuns& runs, const Run& run) {
  Whole whole, other;
  const cg::Team two{2};
  std::vector<std::unique_ptr<Sharded>> teams;
  for (const std::size_t threads : runs.threads)
    teams.push_back(std::make_unique<Sharded>(cg::Team{threads}));
  std::vector<double> alone, apart;
  std::vector<std::vector<double>> sharded(teams.size()), ratios(teams.size());
  for (std::size_t i = 0; i <= runs.samples; ++i) {
    const double of_whole = run(whole);
    double first = 0;
    for (std::size_t t = 0; t < teams.size(); ++t) {
      const double seconds = run(*teams[t]);
      if (t == 0) first = seconds;
      if (i == 0) continue;
      sharded[t].push_back(seconds);
      ratios[t].push_back(first / seconds);
    }
    double beside[2];
    two.for_each(2, [&](std::size_t t) { beside[t] = run(t == 0 ? whole : other); });
    if (i == 0) continue;
    alone.push_back(of_whole);
    apart.push_back(2 * of_whole / std::max(beside[0], beside[1]));
  }
  Times times{median(alone), {}, {}, median(apart)};
  for (std::size_t t = 0; t < teams.size(); ++t) {
    times.sharded.push_back(median(sharded[t]));
    times.ratios.push_back(median(ratios[t]));
  }
  return times;
}

template <Shape S>
ThreadTimes time_threads(const ThreadRuns& runs) {
  constexpr std::size_t shards = shards_of<S>();
  using Step = Runner<S, cg::Program<bench::step, Model<S>, Ids<S>, Ids<S>>>;
  using ShardedStep = Runner<S, TeamProgram<float, S, bench::step, Model<S>, Ids<S>, Ids<S>>>;
  using Forward = Runner<S, cg::Program<bench::forward, Model<S>, Ids<S>>>;
  using ShardedForward = Runner<S, TeamProgram<float, S, bench::forward, Model<S>, Ids<S>>>;
  return {shards,
          time_in_turns<Forward, ShardedForward>(runs, [&](auto& x) { return x.passes(runs.per_sample); }),
          time_in_turns<Step, ShardedStep>(runs, [&](auto& x) { return x.steps(runs.per_sample); })};
}

}  // namespace bench
