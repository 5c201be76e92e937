#include <nn/masked.hpp>

/// An encoder over padded sequences, one of which is nothing but padding.
namespace {

using namespace ctgrad;

constexpr Size length = 5;
template <Size Batch>
using X = Tensor<Batch, length, 8>;
template <Size Batch>
using Lengths = Index<Batch>;

constexpr auto encode = [](const auto& model, auto x, auto lengths) {
  return model(x, nn::padding_mask<length>(lengths));
};

/// Of what is no padding.
template <Size Batch>
constexpr auto loss = [](const auto& model, auto x, auto lengths, auto u) {
  const auto counts = reshape<Batch, length, 1>(nn::token_weights<length>(lengths));
  return sum(u * encode(model, x, lengths) * counts);
};

/// The first layer without its attention, but for the bias that is left of it.
constexpr auto without_attention = [](const auto& model, auto x) {
  for (const auto& layer : model.layers) {
    const auto attended = layer.attention_norm(x + layer.attention.output.bias);
    x = layer.feed_forward_norm(attended + layer.feed_forward(attended));
  }
  return x;
};

const xt::xtensor<std::int32_t, 1> lengths = {0, 3, 5};
using Post = nn::Encoder<2, 8, 2, 16>;
using Pre = nn::Encoder<2, 8, 2, 16, nn::TransformerOptions{.norm = nn::NormPlacement::pre}>;

}  // namespace

TEMPLATE_TEST_CASE("padding takes no gradient, and a sequence of it alone changes nothing for others", "",
                   float, double) {
  using S = TestType;
  const auto check = [&]<class Model>(std::type_identity<Model>) {
    Random random(Seed{test::seed()});
    const auto parameters = test::varied_parameters<Model, S>();
    const auto x = test::random_array<S, 3>({3, 5, 8}, random);
    const auto u = test::random_array<S, 3>({3, 5, 8}, random);
    BasicProgram<S, value_and_grad<0, 1>(loss<3>), Model, X<3>, Lengths<3>, X<3>> step;
    STATIC_REQUIRE(count<ops::AttentionBackward>(step.graph()) == 2);
    const auto [value, gradients] = step(parameters, x, lengths, u);
    const auto& [by_model, by_x] = gradients;
    CHECK(std::isfinite(value));
    CHECK(test::finite(by_model.flat()));
    CHECK(test::ends_with_zeros(by_x, lengths));

    BasicProgram<S, value_and_grad<0, 1>(loss<1>), Model, X<1>, Lengths<1>, X<1>> one;
    test::SumOfGradients<S> sum;
    double values = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      const auto alone =
          one(parameters, test::sequence(x, b), test::sequence(lengths, b), test::sequence(u, b));
      sum.add(std::get<0>(alone.gradients));
      values += static_cast<double>(alone.value);
      const auto& own = std::get<1>(alone.gradients);
      CHECK(std::equal(own.begin(), own.end(), test::sequence(by_x, b).begin()));
    }
    CHECK(sum.error_of(by_model) < test::sum_bar<S>);
    CHECK_THAT(values, Catch::Matchers::WithinRel(static_cast<double>(value), test::sum_bar<S>));
  };
  check(std::type_identity<Post>{});
  if constexpr (std::is_same_v<S, double>) check(std::type_identity<Pre>{});
}

TEMPLATE_TEST_CASE("padding has no influence, and a sequence of it alone attends to nothing", "", float,
                   double) {
  using S = TestType;
  Random random(Seed{test::seed()});
  const auto parameters = test::varied_parameters<Post, S>();
  auto x = test::random_array<S, 3>({3, 5, 8}, random);
  BasicProgram<S, encode, Post, X<3>, Lengths<3>> program;
  BasicProgram<S, without_attention, Post, X<3>> plain;
  const xt::xtensor<S, 3> before = program(parameters, x, lengths);
  const auto nothing = plain(parameters, x);
  CHECK(test::largest_difference(test::sequence(before, 0), test::sequence(nothing, 0)) < test::sum_bar<S>);
  CHECK(test::largest_difference(test::sequence(before, 1), test::sequence(nothing, 1)) > 1e-3);

  for (std::size_t i = 0; i < 8; ++i) {
    x(0, 0, i) += 1;
    x(1, 3, i) = 1e6;
    x(1, 4, i) = -1e6;
  }
  const auto after = program(parameters, x, lengths);
  for (std::size_t b = 0; b < 3; ++b) {
    for (std::size_t t = b == 0 ? 1 : 0; t < (b == 1 ? 3 : 5); ++t) {
      for (std::size_t i = 0; i < 8; ++i) CHECK(after(b, t, i) == before(b, t, i));
    }
  }
}
