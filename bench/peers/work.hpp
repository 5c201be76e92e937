#pragma once

#include "../threads/team_program.hpp"
#include "configurations.hpp"

#include <ctgrad/io/parameters.hpp>
#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/toy.hpp>

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

namespace bench {

#ifdef CTGRAD_BENCH_SHARDS

/// As many threads as this process has processors.
inline const cg::Team& team() {
  static const cg::Team all;
  return all;
}
template <Shape S, class T, auto F, class... Arguments>
using ProgramOf = TeamProgram<T, S, F, Arguments...>;
template <class P>
P make_program() {
  return P(team());
}
template <class Optimizer>
void share(Optimizer& optimizer) {
  optimizer.set_team(team());
}

#else

template <Shape S, class T, auto F, class... Arguments>
using ProgramOf = cg::BasicProgram<T, F, Arguments...>;
template <class P>
P make_program() {
  return P();
}
template <class Optimizer>
void share(Optimizer&) {}

#endif

/// In T, float or double.
template <Shape S, class T>
class Work : public Original {
 public:
  void write(const std::filesystem::path& file) const override {
    cg::toy::Sequences sequences(cg::toy::Task::reverse,
                                 {static_cast<std::int32_t>(S.vocabulary), static_cast<std::size_t>(S.length),
                                  static_cast<std::size_t>(S.batch)},
                                 cg::Seed{1});
    const auto& [ids, targets] = sequences.next();
    cg::Parameters<Model<S>, T> parameters{cg::Seed{1}};
    stir(parameters);
    auto tensors = cg::io::named_tensors(parameters.entries(), std::as_const(parameters).flat());
    const std::vector<std::size_t> shape{static_cast<std::size_t>(S.batch),
                                         static_cast<std::size_t>(S.length)};
    tensors.push_back(cg::io::named_tensor("ids", shape, ids));
    tensors.push_back(cg::io::named_tensor("targets", shape, targets));
    cg::io::write_safetensors(file, std::move(tensors), {{"heads", std::to_string(S.heads)}});
  }

  void load(const std::filesystem::path& path) override {
    const cg::io::Safetensors file = cg::io::read_safetensors(path);
    cg::io::load_parameters(file, initial_, {}, {.ignore_unexpected = true});
    ids_ = file.read<std::int32_t>("ids");
    targets_ = file.read<std::int32_t>("targets");
    reset();
  }

  void reset() override {
    parameters_ = initial_;
    adam_.emplace(parameters_, cg::AdamOptions{.learning_rate = 1e-3});
    share(*adam_);
  }

  float forward() override { return static_cast<float>(forward_(parameters_, ids_, targets_)); }

  float step() override {
    const auto result = step_(parameters_, ids_, targets_);
    adam_->update(parameters_, result.gradients);
    return static_cast<float>(result.value);
  }

  float write_gradients(const std::filesystem::path& file) override {
    const auto result = step_(parameters_, ids_, targets_);
    cg::io::write_safetensors(file,
                              cg::io::named_tensors(result.gradients.entries(), result.gradients.flat()));
    return static_cast<float>(result.value);
  }

 private:
  using Ids = bench::Ids<S>;

  /// Moves every number a little, so that no bias is 0 and no scale 1: who confuses two of them is found out.
  /// What a ReLU sees is kept from 0, where rounding would decide between two gradients: it is a small
  /// product and a larger bias, of either sign. Queries and keys are large enough that attention chooses: if
  /// all weights were nearly equal, so would be what the gradients of the keys are differences of.
  static void stir(cg::Parameters<Model<S>, T>& parameters) {
    cg::Random random(cg::Seed{2}, 0);
    for (const auto& entry : parameters.entries()) {
      const std::span numbers =
          parameters.flat().subspan(entry.offset, static_cast<std::size_t>(entry.shape.size()));
      for (T& number : numbers) {
        number += static_cast<T>(0.04 * random.uniform() - 0.02);
        if (entry.name.ends_with("query.weight") || entry.name.ends_with("key.weight")) number *= 2;
        if (entry.name.ends_with("expand.weight")) number *= static_cast<T>(0.1F);
        if (entry.name.ends_with("expand.bias")) number = std::copysign(static_cast<T>(0.5F), number);
      }
    }
  }

  cg::Parameters<Model<S>, T> initial_{cg::Seed{1}};
  cg::Parameters<Model<S>, T> parameters_{cg::Seed{1}};
  using Forward = ProgramOf<S, T, bench::loss, Model<S>, Ids, Ids>;
  using Step = ProgramOf<S, T, bench::step, Model<S>, Ids, Ids>;

  Forward forward_ = make_program<Forward>();
  Step step_ = make_program<Step>();
  std::optional<cg::Adam<T>> adam_;
  xt::xtensor<std::int32_t, 2> ids_, targets_;
};

template <Shape S>
std::unique_ptr<Original> work_on(Scalar scalar) {
  if (scalar == Scalar::in_double) return std::make_unique<Work<S, double>>();
  return std::make_unique<Work<S, float>>();
}

}  // namespace bench
