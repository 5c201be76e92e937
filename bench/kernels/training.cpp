#include "run.hpp"

namespace {

namespace cg = ctgrad;

using Hidden = cg::Tensor<512, 64>;
using Weight = cg::Tensor<64, 8192>;
using Targets = cg::Index<512>;
constexpr double flops = 2.0 * 512 * 64 * 8192;
constexpr double loss_bytes = (512 * 64 + 64 * 8192) * 4.0;

constexpr auto loss = [](auto x, auto weight, auto targets) {
  return cg::cross_entropy(matmul(x, weight), targets);
};
constexpr auto loss_and_gradients = cg::value_and_grad<0, 1>(loss);

using Layer = cg::nn::Linear<512, 2048>;
constexpr double parameter_count = 512 * 2048 + 2048;
constexpr auto sum_of_squares = [](const auto& layer) { return sum(square(layer.weight)) + sum(layer.bias); };

/// A layer's parameters and gradients, and the optimiser.
struct Update {
  cg::Parameters<Layer> parameters{cg::Seed{1}};
  cg::Program<cg::value_and_grad(sum_of_squares), Layer> program;
  decltype(program(parameters)) result = program(parameters);
  cg::Adam<float> adam{parameters, {.learning_rate = 1e-3}};
};

}  // namespace

void bench::add_training_kernels() {
  // Numbers so small that no weight of the softmax vanishes: a processor is slow on numbers close to 0.
  add_program<loss, Hidden, Weight, Targets>("linear_cross_entropy/512x64x8192",
                                             {.bytes = loss_bytes, .flops = flops}, .5F);
  add_program<loss_and_gradients, Hidden, Weight, Targets>(
      "linear_cross_entropy_gradients/512x64x8192", {.bytes = 2 * loss_bytes, .flops = 3 * flops}, .5F);
  // Of a parameter, its gradient and its two means: four are read, three written.
  add_kernel("adam/1050624", {.bytes = 28 * parameter_count}, [state = std::shared_ptr<Update>()]() mutable {
    if (state == nullptr) state = std::make_shared<Update>();
    state->adam.update(state->parameters, state->result.gradients);
  });
}
