#pragma once

#include "../support/training.hpp"
#include "../threads/team_program.hpp"
#include "job.hpp"

#include <chrono>
#include <optional>

namespace bench {

/// A model in training, of which this is one of several ranks, each of one thread.
template <Shape S>
class RankRunner {
 public:
  explicit RankRunner(const ctgrad::Ranks& ranks)
      : step_(cg::Team{1}, ranks, cg::RankGradients::sliced), ranks_(ranks) {
    adam_.set_ranks(ranks);
  }

  /// The seconds of a step, from when all ranks have come to when all are done.
  double step() {
    const auto& batch = batches_.draw(1).front();
    ranks_.any(false);
    const auto begin = std::chrono::steady_clock::now();
    adam_.update(parameters_, step_(parameters_, batch.ids, batch.targets));
    ranks_.any(false);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

 private:
  cg::Parameters<Model<S>> parameters_{cg::Seed{1}};
  cg::ShardedProgram<shards_of<S>(), bench::step, Model<S>, Ids<S>, Ids<S>> step_;
  cg::Adam<float> adam_{parameters_, {.learning_rate = 1e-3}};
  Batches<S> batches_;
  cg::Ranks ranks_;
};

/// Steps by the groups in turns, behind two that are not timed.
template <Shape S>
RankTimes time_ranks(const std::vector<Group>& groups, std::size_t samples) {
  std::vector<std::optional<RankRunner<S>>> runners(groups.size());
  std::vector<std::vector<double>> seconds(groups.size()), ratios(groups.size());
  std::vector<std::size_t> before(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].transport != nullptr) runners[g].emplace(ctgrad::Ranks(groups[g].transport));
  }
  for (std::size_t i = 0; i < samples + 2; ++i) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      sleep_until_all_come();
      if (!runners[g]) continue;
      if (i == 2) before[g] = groups[g].transport->bytes();
      const double taken = runners[g]->step();
      if (i >= 2) seconds[g].push_back(taken);
    }
  }
  RankTimes times{shards_of<S>(), cg::Parameters<Model<S>>::size() * sizeof(float), {}, {}, {}};
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (!runners[g]) continue;
    for (std::size_t i = 0; i < samples && runners[0]; ++i)
      ratios[g].push_back(seconds[0][i] / seconds[g][i]);
    times.seconds.push_back(median(seconds[g]));
    times.ratios.push_back(ratios[g].empty() ? 0 : median(ratios[g]));
    times.bytes.push_back(static_cast<double>(groups[g].transport->bytes() - before[g]) /
                          static_cast<double>(samples));
  }
  return times;
}

}  // namespace bench
