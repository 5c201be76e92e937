#include <nn/reference_model.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using Model = test::ReferenceModel<50, 12, 32, 32>;
using Ids = Index<3, 12>;

constexpr double bar = 2e-5;

constexpr auto logits_and_loss = [](const auto& model, auto ids, auto targets) {
  const auto logits = model(ids);
  return std::tuple{logits, cross_entropy(logits, targets)};
};

}  // namespace

TEST_CASE("the reference encoder in float is within 2e-5 of the largest magnitude everywhere") {
  const io::Safetensors file = test::reference("encoder.safetensors");
  const auto ids = file.read<std::int32_t>("ids");
  const auto targets = file.read<std::int32_t>("targets");
  Parameters<Model> parameters{Seed{1}};
  test::load_keras(parameters, file);

  Program<logits_and_loss, Model, Ids, Ids> forward;
  const auto [logits, loss] = forward(parameters, ids, targets);
  const double logits_error = test::error_of_largest(logits, file.read<double>("logits"));
  CHECK(logits_error < bar);

  Program<value_and_grad(test::reference_loss), Model, Ids, Ids> step;
  const auto result = step(parameters, ids, targets);
  const double expected = file.read<double>("loss").data()[0];
  const double loss_error = std::abs(static_cast<double>(result.value) - expected) / expected;
  CHECK(loss_error < bar);
  CHECK(std::abs(static_cast<double>(loss) - expected) / expected < bar);
  const double largest = test::check_gradients_in_float(result.gradients, file, bar);
  std::printf(
      "figure: reference encoder, float: logits %.1e, loss %.1e, gradients %.1e of the largest (bar %.0e)\n",
      logits_error, loss_error, largest, bar);
}
