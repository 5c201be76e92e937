#include <nn/masked.hpp>

/// Stacks of layers against their formulas, written out from the same parts: post-norm and pre-norm, with the
/// places where they drop.
namespace {

using namespace ctgrad;

constexpr Size length = 4, memory_length = 5;
using X = Tensor<2, length, 8>;
using Memory = Tensor<2, memory_length, 8>;
using Lengths = Index<2>;

template <nn::NormPlacement N>
constexpr nn::TransformerOptions options{.dropout = Rate{0.5}, .weight_dropout = Rate{0.25}, .norm = N};
template <nn::NormPlacement N>
using Encoder = nn::Encoder<2, 8, 2, 16, options<N>>;
template <nn::NormPlacement N>
using Decoder = nn::Decoder<2, 8, 2, 16, options<N>>;

constexpr auto encode = [](const auto& model, auto x) { return model(x); };
constexpr auto encode_pre_norm = [](const auto& model, auto x) {
  for (const auto& layer : model.layers) {
    x = x + layer.attention(layer.attention_norm(x));
    x = x + layer.feed_forward(layer.feed_forward_norm(x));
  }
  return layer_norm(x, model.norm.scale, model.norm.shift, 1e-6);
};

constexpr auto decode = [](const auto& model, auto x, auto memory, auto lengths, auto... key) {
  return model(x, memory, nn::padding_mask<memory_length>(lengths), key...);
};
constexpr auto post_norm_by_hand = [](const auto& model, auto x, auto memory, auto lengths, auto key) {
  const auto seen = nn::padding_mask<memory_length>(lengths);
  for (std::int32_t i = 0; i < 2; ++i) {
    const auto& layer = model.layers[static_cast<std::size_t>(i)];
    const auto place = fold_in(key, i);
    const auto looked_back = layer.self_attention(x, nn::causal_mask(x), fold_in(place, 0));
    const auto first = layer.self_attention_norm(x + dropout(looked_back, 0.5, fold_in(place, 1)));
    const auto looked_at = layer.cross_attention(first, memory, seen, fold_in(place, 3));
    const auto second = layer.cross_attention_norm(first + dropout(looked_at, 0.5, fold_in(place, 4)));
    const auto network = layer.feed_forward(second);
    x = layer.feed_forward_norm(second + dropout(network, 0.5, fold_in(place, 2)));
  }
  return x;
};
constexpr auto pre_norm_by_hand = [](const auto& model, auto x, auto memory, auto lengths, auto key) {
  const auto seen = nn::padding_mask<memory_length>(lengths);
  for (std::int32_t i = 0; i < 2; ++i) {
    const auto& layer = model.layers[static_cast<std::size_t>(i)];
    const auto place = fold_in(key, i);
    const auto looked_back =
        layer.self_attention(layer.self_attention_norm(x), nn::causal_mask(x), fold_in(place, 0));
    x = x + dropout(looked_back, 0.5, fold_in(place, 1));
    const auto looked_at =
        layer.cross_attention(layer.cross_attention_norm(x), memory, seen, fold_in(place, 3));
    x = x + dropout(looked_at, 0.5, fold_in(place, 4));
    const auto network = layer.feed_forward(layer.feed_forward_norm(x));
    x = x + dropout(network, 0.5, fold_in(place, 2));
  }
  return model.norm(x);
};
constexpr auto pre_norm_without_key = [](const auto& model, auto x, auto memory, auto lengths) {
  const auto seen = nn::padding_mask<memory_length>(lengths);
  for (const auto& layer : model.layers) {
    x = x + layer.self_attention(layer.self_attention_norm(x), nn::causal_mask(x));
    x = x + layer.cross_attention(layer.cross_attention_norm(x), memory, seen);
    x = x + layer.feed_forward(layer.feed_forward_norm(x));
  }
  return model.norm(x);
};

/// How far a decoder's results are from those by hand; `keys` are none or one.
template <nn::NormPlacement N, auto ByHand, class... Keys>
double difference_of_decoder(const auto&... keys) {
  using Model = Decoder<N>;
  DoubleProgram<decode, Model, X, Memory, Lengths, Keys...> program;
  DoubleProgram<ByHand, Model, X, Memory, Lengths, Keys...> expected;
  constexpr int dropping = static_cast<int>(sizeof...(Keys));
  STATIC_REQUIRE(count<ops::Attention>(program.graph()) == 2 * 2);
  STATIC_REQUIRE(count<ops::KeepMask>(program.graph()) == 2 * 3 * dropping);  // weights' are in attention
  STATIC_REQUIRE(count<ops::FoldKey>(program.graph()) == 2 * (1 + 5) * dropping);  // every place has its own
  Random random(Seed{test::seed()});
  const auto parameters = test::varied_parameters<Model, double>();
  const auto x = test::random_array<double, 3>({2, 4, 8}, random);
  const auto memory = test::random_array<double, 3>({2, 5, 8}, random);
  const xt::xtensor<std::int32_t, 1> lengths = {3, 5};
  return test::largest_difference(program(parameters, x, memory, lengths, keys...),
                                  expected(parameters, x, memory, lengths, keys...));
}

}  // namespace

TEST_CASE("a pre-norm encoder adds what it makes of normalised inputs, and normalises the end") {
  using Model = Encoder<nn::NormPlacement::pre>;
  DoubleProgram<encode, Model, X> program;
  DoubleProgram<encode_pre_norm, Model, X> expected;
  STATIC_REQUIRE(count<ops::Normalize>(program.graph()) == 5);
  Random random(Seed{test::seed()});
  const auto parameters = test::varied_parameters<Model, double>();
  const auto x = test::random_array<double, 3>({2, 4, 8}, random);
  CHECK(test::largest_difference(program(parameters, x), expected(parameters, x)) == 0);
}

TEST_CASE("a decoder is its formula, with dropout in three places and in the weights of both attentions") {
  const auto key = random_key(Seed{3}, 1);
  CHECK(difference_of_decoder<nn::NormPlacement::post, post_norm_by_hand, Key>(key) == 0);
  CHECK(difference_of_decoder<nn::NormPlacement::pre, pre_norm_by_hand, Key>(key) == 0);
}

TEST_CASE("a decoder without a key drops nothing") {
  CHECK(difference_of_decoder<nn::NormPlacement::pre, pre_norm_without_key>() == 0);
}
