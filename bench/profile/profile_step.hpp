#pragma once

#include "../support/encoder.hpp"
#include "profiles.hpp"

#include <ctgrad/inspect/profile.hpp>
#include <ctgrad/train/toy.hpp>

namespace bench {

/// The profile of a step on one batch. The learning rate is so low that the model stays as it is, and all
/// steps do equal work.
template <Shape S>
cg::Profile profile_step(int runs) {
  cg::Parameters<Model<S>> parameters{cg::Seed{1}};
  cg::Adam adam{parameters, {.learning_rate = 1e-9}};
  cg::Program<bench::step, Model<S>, Ids<S>, Ids<S>> program;
  cg::toy::Sequences sequences{cg::toy::Task::reverse,
                               {.vocabulary = static_cast<std::int32_t>(S.vocabulary),
                                .length = static_cast<std::size_t>(S.length),
                                .batch = static_cast<std::size_t>(S.batch)},
                               cg::Seed{1}};
  const auto& [ids, targets] = sequences.next();
  return cg::profile(program, parameters, ids, targets)(
      runs, [&](const auto& result) { adam.update(parameters, result); });
}

}  // namespace bench
