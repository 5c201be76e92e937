#pragma once

#include <ctgrad/nn/linear.hpp>
#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/checkpoint.hpp>

#include <support/temporary_folder.hpp>

#include <array>
#include <string>
#include <vector>

/// A run of a few parameters, whose gradients come from nowhere: what checkpoints are tested on.
namespace ctgrad::test {

template <std::size_t Layers>
struct SmallModel {
  using Stack = std::array<nn::Linear<2, 3>, Layers>;
  using Gain = Parameter<init::ones>;
  BOOST_HANA_DEFINE_STRUCT(SmallModel, (Stack, layers), (Gain, gain));
};

/// Parameters and an optimiser that have taken a few steps.
template <class Optimizer, class Model, class Scalar = float>
struct SmallRun {
  explicit SmallRun(std::uint64_t seed) : parameters(Seed{seed}), optimizer(parameters), random(Seed{seed}) {}

  void take_steps(int count) {
    for (int i = 0; i < count; ++i) {
      std::vector<Scalar> gradients(parameters.size());
      for (const FlatEntry& entry : parameters.entries()) {
        for (Size j = 0; j < entry.shape.size(); ++j) {
          gradients[entry.offset + static_cast<std::size_t>(j)] = static_cast<Scalar>(random.normal());
        }
      }
      optimizer.update(parameters.flat(), std::span<const Scalar>(gradients));
    }
  }

  /// All that it goes on from, bit for bit, but for the generator of its gradients.
  std::string state() const {
    std::string bytes;
    const auto add = [&](const auto& numbers) {
      const auto more = std::as_bytes(std::span(numbers));
      bytes.append(reinterpret_cast<const char*>(more.data()), more.size());
    };
    add(parameters.flat());
    for (const auto& buffer : optimizer.state()) add(buffer.numbers);
    add(std::array{optimizer.steps()});
    add(std::array{optimizer.learning_rate()});
    return bytes;
  }

  Parameters<Model, Scalar> parameters;
  Optimizer optimizer;
  Random random;
};

using SmallAdamRun = SmallRun<Adam<float>, SmallModel<2>>;

}  // namespace ctgrad::test
