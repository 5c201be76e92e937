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

constexpr auto decode = [](const auto& model, auto x, auto memory, auto lengths, auto key) {
  return std::tuple{model(x, memory, nn::padding_mask<memory_length>(lengths)),
                    model(x, memory, nn::padding_mask<memory_length>(lengths), key)};
};
constexpr auto post_norm_by_hand = [](const auto& model, auto x, auto memory, auto lengths, auto key) {
  const auto seen = nn::padding_mask<memory_length>(lengths);
  auto dropped = x;
  for (std::int32_t i = 0; i < 2; ++i) {
    const auto& layer = model.layers[static_cast<std::size_t>(i)];
    x = layer.self_attention_norm(x + layer.self_attention(x, nn::causal_mask(x)));
    x = layer.cross_attention_norm(x + layer.cross_attention(x, memory, seen));
    x = layer.feed_forward_norm(x + layer.feed_forward(x));

    const auto place = fold_in(key, i);
    const auto looked_back = layer.self_attention(dropped, nn::causal_mask(dropped), fold_in(place, 0));
    const auto first = layer.self_attention_norm(dropped + dropout(looked_back, 0.5, fold_in(place, 1)));
    const auto looked_at = layer.cross_attention(first, memory, seen, fold_in(place, 3));
    const auto second = layer.cross_attention_norm(first + dropout(looked_at, 0.5, fold_in(place, 4)));
    const auto network = layer.feed_forward(second);
    dropped = layer.feed_forward_norm(second + dropout(network, 0.5, fold_in(place, 2)));
  }
  return std::tuple{x, dropped};
};
constexpr auto pre_norm_by_hand = [](const auto& model, auto x, auto memory, auto lengths, auto key) {
  const auto seen = nn::padding_mask<memory_length>(lengths);
  auto dropped = x;
  for (std::int32_t i = 0; i < 2; ++i) {
    const auto& layer = model.layers[static_cast<std::size_t>(i)];
    x = x + layer.self_attention(layer.self_attention_norm(x), nn::causal_mask(x));
    x = x + layer.cross_attention(layer.cross_attention_norm(x), memory, seen);
    x = x + layer.feed_forward(layer.feed_forward_norm(x));

    const auto place = fold_in(key, i);
    const auto looked_back =
        layer.self_attention(layer.self_attention_norm(dropped), nn::causal_mask(dropped), fold_in(place, 0));
    dropped = dropped + dropout(looked_back, 0.5, fold_in(place, 1));
    const auto looked_at =
        layer.cross_attention(layer.cross_attention_norm(dropped), memory, seen, fold_in(place, 3));
    dropped = dropped + dropout(looked_at, 0.5, fold_in(place, 4));
    const auto network = layer.feed_forward(layer.feed_forward_norm(dropped));
    dropped = dropped + dropout(network, 0.5, fold_in(place, 2));
  }
  return std::tuple{model.norm(x), model.norm(dropped)};
};

template <nn::NormPlacement N, auto ByHand>
void check_decoder() {
  using Model = Decoder<N>;
  DoubleProgram<decode, Model, X, Memory, Lengths, Key> program;
  DoubleProgram<ByHand, Model, X, Memory, Lengths, Key> expected;
  STATIC_REQUIRE(count<ops::KeepMask>(program.graph()) == 2 * 3);       // those of weights are in attention
  STATIC_REQUIRE(count<ops::FoldKey>(program.graph()) == 2 * (1 + 5));  // no place has another's key
  STATIC_REQUIRE(count<ops::Attention>(program.graph()) == 2 * 4);
  Random random(Seed{test::seed()});
  const auto parameters = test::varied_parameters<Model, double>();
  const auto x = test::random_array<double, 3>({2, 4, 8}, random);
  const auto memory = test::random_array<double, 3>({2, 5, 8}, random);
  const xt::xtensor<std::int32_t, 1> lengths = {3, 5};
  const auto key = random_key(Seed{3}, 1);
  const auto [found, found_dropped] = program(parameters, x, memory, lengths, key);
  const auto [by_hand, by_hand_dropped] = expected(parameters, x, memory, lengths, key);
  CHECK(test::largest_difference(found, by_hand) == 0);
  CHECK(test::largest_difference(found_dropped, by_hand_dropped) == 0);
  CHECK(test::largest_difference(found, found_dropped) > 0.1);
}

}  // namespace

TEST_CASE("a pre-norm encoder adds what it makes of normalised inputs, and normalises the end") {
  using Model = Encoder<nn::NormPlacement::pre>;
  DoubleProgram<encode, Model, X> program;
  DoubleProgram<encode_pre_norm, Model, X> expected;
  STATIC_REQUIRE(count<ops::LayerNorm>(program.graph()) == 5);
  Random random(Seed{test::seed()});
  const auto parameters = test::varied_parameters<Model, double>();
  const auto x = test::random_array<double, 3>({2, 4, 8}, random);
  CHECK(test::largest_difference(program(parameters, x), expected(parameters, x)) == 0);
}

TEST_CASE("a post-norm decoder is its formula, with dropout in three places and in its weights") {
  check_decoder<nn::NormPlacement::post, post_norm_by_hand>();
}

TEST_CASE("a pre-norm decoder is its formula, with dropout in three places and in its weights") {
  check_decoder<nn::NormPlacement::pre, pre_norm_by_hand>();
}
