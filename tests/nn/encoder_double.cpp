#include <nn/reference_model.hpp>

#include <cstdio>

namespace {

using namespace ctgrad;
using Model = test::ReferenceModel<50, 12, 32, 32>;
using Ids = Index<3, 12>;

constexpr double bar = 1e-10;

constexpr auto forward = [](const auto& model, auto ids) {
  const auto embedded = model.positions(model.tokens(ids));
  const auto& first = model.encoder.layers[0];
  const auto& second = model.encoder.layers[1];
  const auto after_first = first(embedded);
  const auto encoded = second(after_first);
  return std::tuple{encoded, model.head(encoded), first.attention.weights(embedded, embedded),
                    second.attention.weights(after_first, after_first)};
};

/// Says whether a node holds a number for every query and key.
template <class G>
constexpr bool stores_scores(const G& graph) {
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Shape& shape = graph[id].type.shape;
    if (shape.rank >= 2 && shape[shape.rank - 2] == 12 && shape[shape.rank - 1] == 12) return true;
  }
  return false;
}

Parameters<Model, double> reference_parameters(const io::Safetensors& file) {
  Parameters<Model, double> parameters{Seed{1}};
  test::load_keras(parameters, file);
  return parameters;
}

}  // namespace

TEST_CASE("the reference encoder in double gives PyTorch's activations") {
  const io::Safetensors file = test::reference("encoder.safetensors");
  const auto parameters = reference_parameters(file);
  DoubleProgram<forward, Model, Ids> program;
  const auto [encoded, logits, weights0, weights1] = program(parameters, file.read<std::int32_t>("ids"));
  const double errors[] = {test::largest_error(encoded, file.read<double>("encoded"), bar),
                           test::largest_error(logits, file.read<double>("logits"), bar),
                           test::largest_error(weights0, file.read<double>("attention.0"), bar),
                           test::largest_error(weights1, file.read<double>("attention.1"), bar)};
  for (const double error : errors) CHECK(error < bar);
  std::printf(
      "figure: reference encoder, double: encoded %.1e, logits %.1e, attention %.1e %.1e (bar %.0e)\n",
      errors[0], errors[1], errors[2], errors[3], bar);
}

TEST_CASE("the reference encoder in double gives PyTorch's loss and every gradient") {
  const io::Safetensors file = test::reference("encoder.safetensors");
  const auto parameters = reference_parameters(file);
  DoubleProgram<value_and_grad(test::reference_loss), Model, Ids, Ids> step;
  using Step = decltype(step);
  STATIC_REQUIRE(count<ops::Attention>(Step::graph()) == 2);
  STATIC_REQUIRE(count<ops::AttentionBackward>(Step::graph()) == 2);
  STATIC_REQUIRE(count<ops::Softmax>(Step::graph()) == 1);  // of the cross-entropy
  STATIC_REQUIRE(!stores_scores(Step::graph()));
  const auto result = step(parameters, file.read<std::int32_t>("ids"), file.read<std::int32_t>("targets"));
  const double loss = file.read<double>("loss").data()[0];
  CHECK(std::abs(result.value - loss) < bar * loss);
  const double largest = test::check_gradients_in_double(result.gradients, file, bar);
  std::printf("figure: reference encoder, double: loss %.1e, %zu gradients %.1e (bar %.0e)\n",
              std::abs(result.value - loss) / loss, parameters.entries().size(), largest, bar);
}
