#include <nn/masked.hpp>

/// A decoder layer over padded memory with padded targets, some of them all padding.
namespace {

using namespace ctgrad;

constexpr Size length = 4, memory_length = 5;
template <Size Batch>
using X = Tensor<Batch, length, 8>;
template <Size Batch>
using Memory = Tensor<Batch, memory_length, 8>;
template <Size Batch>
using Lengths = Index<Batch>;

constexpr auto decode = [](const auto& layer, auto x, auto memory, auto lengths, auto target_lengths) {
  return layer(x, memory, nn::padding_mask<memory_length>(lengths), nn::padding_mask<length>(target_lengths));
};
constexpr auto loss = [](const auto& layer, auto x, auto memory, auto lengths, auto target_lengths, auto u) {
  return sum(u * decode(layer, x, memory, lengths, target_lengths));
};
constexpr auto without_target_mask = [](const auto& layer, auto x, auto memory, auto lengths) {
  return layer(x, memory, nn::padding_mask<memory_length>(lengths));
};

const xt::xtensor<std::int32_t, 1> lengths = {0, 2, 5};
const xt::xtensor<std::int32_t, 1> target_lengths = {4, 0, 2};
using Post = nn::DecoderLayer<8, 2, 16>;
using Pre = nn::DecoderLayer<8, 2, 16, nn::TransformerOptions{.norm = nn::NormPlacement::pre}>;

}  // namespace

TEMPLATE_TEST_CASE("hidden memory takes no gradient, and hidden rows change nothing for other sequences", "",
                   float, double) {
  using S = TestType;
  const auto check = [&]<class Layer>(std::type_identity<Layer>) {
    Random random(Seed{test::seed()});
    const auto parameters = test::varied_parameters<Layer, S>();
    const auto x = test::random_array<S, 3>({3, 4, 8}, random);
    const auto memory = test::random_array<S, 3>({3, 5, 8}, random);
    const auto u = test::random_array<S, 3>({3, 4, 8}, random);
    BasicProgram<S, value_and_grad<0, 1, 2>(loss), Layer, X<3>, Memory<3>, Lengths<3>, Lengths<3>, X<3>> step;
    STATIC_REQUIRE(count<ops::AttentionBackward>(step.graph()) == 2);
    const auto [value, gradients] = step(parameters, x, memory, lengths, target_lengths, u);
    const auto& [by_layer, by_x, by_memory] = gradients;
    CHECK(std::isfinite(value));
    CHECK(test::finite(by_layer.flat()));
    CHECK(test::finite(by_x));
    CHECK(test::ends_with_zeros(by_memory, lengths));

    BasicProgram<S, value_and_grad<0, 1, 2>(loss), Layer, X<1>, Memory<1>, Lengths<1>, Lengths<1>, X<1>> one;
    test::SumOfGradients<S> sum;
    double values = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      const auto alone =
          one(parameters, test::sequence(x, b), test::sequence(memory, b), test::sequence(lengths, b),
              test::sequence(target_lengths, b), test::sequence(u, b));
      values += static_cast<double>(alone.value);
      const auto& [own_layer, own_x, own_memory] = alone.gradients;
      sum.add(own_layer);
      CHECK(std::equal(own_x.begin(), own_x.end(), test::sequence(by_x, b).begin()));
      CHECK(std::equal(own_memory.begin(), own_memory.end(), test::sequence(by_memory, b).begin()));
    }
    CHECK(sum.error_of(by_layer) < test::sum_bar<S>);
    CHECK_THAT(values, Catch::Matchers::WithinRel(static_cast<double>(value), test::sum_bar<S>));
  };
  check(std::type_identity<Post>{});
  if constexpr (std::is_same_v<S, double>) check(std::type_identity<Pre>{});
}

TEMPLATE_TEST_CASE("hidden memory and hidden targets have no influence", "", float, double) {
  using S = TestType;
  Random random(Seed{test::seed()});
  const auto parameters = test::varied_parameters<Post, S>();
  auto x = test::random_array<S, 3>({3, 4, 8}, random);
  auto memory = test::random_array<S, 3>({3, 5, 8}, random);
  BasicProgram<S, decode, Post, X<3>, Memory<3>, Lengths<3>, Lengths<3>> program;
  BasicProgram<S, without_target_mask, Post, X<3>, Memory<3>, Lengths<3>> unmasked;
  STATIC_REQUIRE(count<ops::Attention>(program.graph()) == 2);
  const xt::xtensor<S, 3> before = program(parameters, x, memory, lengths, target_lengths);
  CHECK(test::finite(before));

  // Padding behind the targets' ends needs no mask.
  const auto plain = unmasked(parameters, x, memory, lengths);
  for (const std::size_t b : {0u, 2u}) {
    for (std::size_t t = 0; t < static_cast<std::size_t>(target_lengths(b)); ++t) {
      for (std::size_t i = 0; i < 8; ++i) CHECK(plain(b, t, i) == before(b, t, i));
    }
  }

  for (std::size_t i = 0; i < 8; ++i) {
    memory(0, 0, i) = 1e6;
    memory(1, 2, i) = -1e6;
    x(1, 1, i) = 1e3;
    x(2, 2, i) = 1e3;
  }
  const auto after = program(parameters, x, memory, lengths, target_lengths);
  for (std::size_t b = 0; b < 3; ++b) {
    for (std::size_t t = 0; t < 4; ++t) {
      if ((b == 1 && t == 1) || (b == 2 && t == 2)) continue;  // those that have changed themselves
      for (std::size_t i = 0; i < 8; ++i) CHECK(after(b, t, i) == before(b, t, i));
    }
  }
}
