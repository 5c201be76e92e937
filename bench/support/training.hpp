#pragma once

#include "encoder.hpp"

#include <ctgrad/train/toy.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

namespace bench {

/// A model in training on one core: every step is forward, backward and Adam. Equal shapes see equal batches
/// from equal parameters.
template <Shape S, cg::Optimize Passes = cg::Optimize{}>
class Training {
 public:
  /// Makes one step and gives the seconds that it took.
  double step() {
    const auto& [ids, targets] = sequences_.next();
    const auto begin = std::chrono::steady_clock::now();
    const auto result = program_(parameters_, ids, targets);
    adam_.update(parameters_, result.gradients);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    loss_ = result.value;
    return seconds;
  }

  /// Of the last step, before its update.
  float loss() const { return loss_; }

 private:
  cg::Parameters<Model<S>> parameters_{cg::Seed{1}};
  cg::Program<cg::optimize<Passes>(bench::step), Model<S>, Ids<S>, Ids<S>> program_;
  cg::Adam<float> adam_{parameters_, {.learning_rate = 1e-3}};
  // Members unnamed: `bench --beside` compiles this over older libraries, which name them otherwise.
  cg::toy::Sequences sequences_{cg::toy::Task::reverse,
                                {static_cast<std::int32_t>(S.vocabulary), static_cast<std::size_t>(S.length),
                                 static_cast<std::size_t>(S.batch)},
                                cg::Seed{1}};
  float loss_ = 0;
};

inline double median(std::vector<double> numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

}  // namespace bench
