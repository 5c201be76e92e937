#include <nn/reference_model.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using Model = test::ReferenceModel<16, 8, 16, 32>;
using Ids = Index<4, 8>;

}  // namespace

TEST_CASE("20 steps of Adam give PyTorch's losses and end at its parameters") {
  const io::Safetensors file = test::reference("adam.safetensors");
  const auto ids = file.read<std::int32_t>("ids");
  const auto targets = file.read<std::int32_t>("targets");
  const auto losses = file.read<double>("losses");
  Parameters<Model, double> parameters{Seed{1}};
  test::load_keras(parameters, file, "before/");
  DoubleProgram<value_and_grad(test::reference_loss), Model, Ids, Ids> step;
  Adam adam{parameters, {.learning_rate = 1e-3}};
  REQUIRE(losses.size() == 20);
  double loss_error = 0;
  for (const double expected : losses) {
    const auto result = step(parameters, ids, targets);
    loss_error = std::max(loss_error, std::abs(result.value - expected) / expected);
    adam.update(parameters, result.gradients);
  }
  CHECK(loss_error < 1e-10);
  double end_error = 0;
  for (const FlatEntry& entry : parameters.entries()) {
    INFO(entry.name);
    // The bias of the keys has gradient 0: it stays where it was, and rounding is all that moves it there
    // too.
    const char* when = entry.name.ends_with("attention.key.bias") ? "before/" : "after/";
    const double error = test::largest_error(parameters.span(entry.name),
                                             file.read<double>(when + test::keras_name(entry.name)), 1e-8);
    CHECK(error < 1e-8);
    end_error = std::max(end_error, error);
  }
  std::printf("figure: Adam, 20 steps: losses %.1e (bar 1e-10), end parameters %.1e (bar 1e-8)\n", loss_error,
              end_error);
}
