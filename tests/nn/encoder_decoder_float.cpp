#include <nn/reference_model.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using Model = test::ReferencePair;
using Target = Index<3, 8>;

constexpr double bar = 2e-5;

constexpr auto forward = [](const auto& model, auto source, auto lengths, auto ids, auto targets,
                            auto weights) {
  const auto encoded = model.encode(source, lengths);
  const auto logits = model.decode(ids, encoded, lengths);
  return std::tuple{encoded, logits, cross_entropy(logits, targets, weights)};
};

}  // namespace

TEST_CASE("the reference encoder-decoder in float is within 2e-5 of the largest magnitude everywhere") {
  const io::Safetensors file = test::reference("encoder_decoder.safetensors");
  const auto source = file.read<std::int32_t>("source_ids");
  const auto lengths = file.read<std::int32_t>("source_length");
  const auto ids = file.read<std::int32_t>("ids");
  const auto targets = file.read<std::int32_t>("targets");
  const xt::xtensor<float, 2> weights = xt::cast<float>(file.read<double>("target_weight"));
  Parameters<Model> parameters{Seed{1}};
  test::load_keras(parameters, file, "", "encoder.");

  Program<forward, Model, Index<3, 10>, Index<3>, Target, Target, Tensor<3, 8>> program;
  const auto [encoded, logits, loss] = program(parameters, source, lengths, ids, targets, weights);
  const double errors[] = {test::error_of_largest(encoded, file.read<double>("encoded")),
                           test::error_of_largest(logits, file.read<double>("logits"))};
  for (const double error : errors) CHECK(error < bar);

  Program<value_and_grad(test::pair_loss), Model, Index<3, 10>, Index<3>, Target, Target, Tensor<3, 8>> step;
  const auto result = step(parameters, source, lengths, ids, targets, weights);
  const double expected = file.read<double>("loss").data()[0];
  const double loss_error = std::abs(static_cast<double>(result.value) - expected) / expected;
  CHECK(loss_error < bar);
  CHECK(std::abs(static_cast<double>(loss) - expected) / expected < bar);
  const double largest = test::check_gradients_in_float(result.gradients, file, bar, "encoder.");
  std::printf(
      "figure: reference encoder-decoder, float: encoded %.1e, logits %.1e, loss %.1e, gradients %.1e of the "
      "largest (bar %.0e)\n",
      errors[0], errors[1], loss_error, largest, bar);
}
