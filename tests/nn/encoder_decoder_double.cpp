#include <nn/reference_model.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using Model = test::ReferencePair;
using Source = Index<3, 10>;
using Lengths = Index<3>;
using Target = Index<3, 8>;
using Weights = Tensor<3, 8>;

constexpr double bar = 1e-10;

constexpr auto forward = [](const auto& model, auto source, auto lengths, auto ids) {
  const auto encoded = model.encode(source, lengths);
  return std::tuple{encoded, model.decode(ids, encoded, lengths), model(source, lengths, ids)};
};

/// Scores or weights: [batch, heads, T, S] of any of the three attentions.
constexpr bool is_of_scores(const Shape& shape) {
  return shape.rank == 4 && shape[1] == 2 &&
         ((shape[2] == 8 && shape[3] == 8) || (shape[2] == 8 && shape[3] == 10) ||
          (shape[2] == 10 && shape[3] == 10));
}

}  // namespace

TEST_CASE("the reference encoder-decoder in double gives PyTorch's activations") {
  const io::Safetensors file = test::reference("encoder_decoder.safetensors");
  Parameters<Model, double> parameters{Seed{1}};
  test::load_keras(parameters, file, "", "encoder.");
  REQUIRE(parameters.entries().size() == 90);
  DoubleProgram<forward, Model, Source, Lengths, Target> program;
  const auto [encoded, logits, whole] =
      program(parameters, file.read<std::int32_t>("source_ids"), file.read<std::int32_t>("source_length"),
              file.read<std::int32_t>("ids"));
  const double errors[] = {test::largest_error(encoded, file.read<double>("encoded"), bar),
                           test::largest_error(logits, file.read<double>("logits"), bar)};
  for (const double error : errors) CHECK(error < bar);
  CHECK(std::equal(whole.begin(), whole.end(), logits.begin()));
  std::printf("figure: reference encoder-decoder, double: encoded %.1e, logits %.1e (bar %.0e)\n", errors[0],
              errors[1], bar);
}

TEST_CASE("the reference encoder-decoder in double gives PyTorch's loss and every gradient") {
  const io::Safetensors file = test::reference("encoder_decoder.safetensors");
  Parameters<Model, double> parameters{Seed{1}};
  test::load_keras(parameters, file, "", "encoder.");
  DoubleProgram<value_and_grad(test::pair_loss), Model, Source, Lengths, Target, Target, Weights> step;
  using Step = decltype(step);
  STATIC_REQUIRE(count<ops::Attention>(Step::graph()) == 6);
  STATIC_REQUIRE(count<ops::AttentionBackward>(Step::graph()) == 6);
  STATIC_REQUIRE(count<ops::Softmax>(Step::graph()) == 1);  // of the cross-entropy
  constexpr const auto& plan = Step::Machine::plan;
  STATIC_REQUIRE(count_stored(Step::graph(), std::span(plan.calls, plan.call_count), is_of_scores) == 0);
  const auto result = step(parameters, file.read<std::int32_t>("source_ids"),
                           file.read<std::int32_t>("source_length"), file.read<std::int32_t>("ids"),
                           file.read<std::int32_t>("targets"), file.read<double>("target_weight"));
  const double loss = file.read<double>("loss").data()[0];
  CHECK(std::abs(result.value - loss) < bar * loss);
  const double largest = test::check_gradients_in_double(result.gradients, file, bar, "encoder.");
  std::printf("figure: reference encoder-decoder, double: loss %.1e, %zu gradients %.1e (bar %.0e)\n",
              std::abs(result.value - loss) / loss, parameters.entries().size(), largest, bar);
}
