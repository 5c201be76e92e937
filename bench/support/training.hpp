#pragma once

#include "encoder.hpp"
#include "timing.hpp"

#include <ctgrad/train/toy.hpp>

#include <cstdint>
#include <vector>

namespace bench {

/// Sequences of a configuration. Equal shapes see equal batches.
template <Shape S>
class Batches {
 public:
  /// The next `count` of them.
  const std::vector<cg::toy::Batch>& draw(std::size_t count) {
    drawn_.clear();
    for (std::size_t i = 0; i < count; ++i) drawn_.push_back(sequences_.next());
    return drawn_;
  }

 private:
  // Members unnamed: `bench --beside` compiles this over older libraries, which name them otherwise.
  cg::toy::Sequences sequences_{cg::toy::Task::reverse,
                                {static_cast<std::int32_t>(S.vocabulary), static_cast<std::size_t>(S.length),
                                 static_cast<std::size_t>(S.batch)},
                                cg::Seed{1}};
  std::vector<cg::toy::Batch> drawn_;
};

/// A model in training on one core: every step is forward, backward and Adam. Equal shapes see equal batches
/// from equal parameters.
template <Shape S, cg::Optimize Passes = cg::Optimize{}>
class Training {
 public:
  /// Makes so many steps and gives the seconds of this thread that one took on average: a clock costs a third
  /// of a microsecond, so short steps are timed many at once.
  double steps(std::size_t count) {
    const auto& batches = batches_.draw(count);
    const double begin = cpu_seconds();
    for (const auto& [ids, targets] : batches) {
      const auto result = program_(parameters_, ids, targets);
      adam_.update(parameters_, result.gradients);
      loss_ = result.value;
    }
    return (cpu_seconds() - begin) / static_cast<double>(count);
  }

  double step() { return steps(1); }

  /// Of the last step, before its update.
  float loss() const { return loss_; }

  /// Of all that a step computes, and of the part that it gives: loss and gradients.
  static constexpr cg::Size arena_bytes() { return Program::arena_bytes(); }
  static constexpr cg::Size result_bytes() { return Program::Machine::plan.output_bytes; }

 private:
  using Program = cg::Program<cg::optimize<Passes>(bench::step), Model<S>, Ids<S>, Ids<S>>;

  cg::Parameters<Model<S>> parameters_{cg::Seed{1}};
  Program program_;
  cg::Adam<float> adam_{parameters_, {.learning_rate = 1e-3}};
  Batches<S> batches_;
  float loss_ = 0;
};

/// A model that is only asked: the forward pass on one core.
template <Shape S>
class Inference {
 public:
  /// Makes so many passes and gives the seconds of this thread that one took on average.
  double passes(std::size_t count) {
    const auto& batches = batches_.draw(count);
    const double begin = cpu_seconds();
    for (const auto& batch : batches) static_cast<void>(program_(parameters_, batch.ids));
    return (cpu_seconds() - begin) / static_cast<double>(count);
  }

 private:
  cg::Parameters<Model<S>> parameters_{cg::Seed{1}};
  cg::Program<bench::forward, Model<S>, Ids<S>> program_;
  Batches<S> batches_;
};

}  // namespace bench
