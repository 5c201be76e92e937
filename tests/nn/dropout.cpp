#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cmath>

/// Dropout in layers: there with a key, absent without one, in the places of Vaswani et al.,
/// "Attention is all you need", 2017, section 5.4: behind attention and behind the feed-forward network.
namespace {

using namespace ctgrad;

using X = Tensor<4, 6, 8>;
constexpr nn::TransformerOptions half{.dropout = Rate{0.5}, .weight_dropout = Rate{0.25}};
using Encoder = nn::Encoder<2, 8, 2, 16, half>;
using Without = nn::Encoder<2, 8, 2, 16>;

constexpr auto inference = [](const auto& model, auto x) { return model(x); };
constexpr auto training = [](const auto& model, auto x, auto key) { return model(x, key); };
constexpr auto loss = [](const auto& model, auto x, auto key) { return sum(square(model(x, key))); };

/// Blocks with their dropout, operation by operation.
constexpr auto by_hand = [](const auto& model, auto x, auto key) {
  for (std::int32_t i = 0; i < 2; ++i) {
    const auto& layer = model.layers[static_cast<std::size_t>(i)];
    const auto place = fold_in(key, i);
    const auto attended = layer.attention(x, fold_in(place, 0));
    const auto first = layer.attention_norm(x + dropout(attended, 0.5, fold_in(place, 1)));
    const auto network = layer.feed_forward(first);
    x = layer.feed_forward_norm(first + dropout(network, 0.5, fold_in(place, 2)));
  }
  return x;
};

xt::xtensor<double, 3> numbers(std::size_t batch) {
  xt::xtensor<double, 3> x = xt::zeros<double>({batch, std::size_t{6}, std::size_t{8}});
  Random random(Seed{5});
  for (double& number : x) number = random.normal();
  return x;
}

double largest_difference(const auto& a, const auto& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  return largest;
}

/// Layers that drop, some in structs and arrays of their own.
struct Block {
  using Drop = nn::Dropout<Rate{0.5}>;
  BOOST_HANA_DEFINE_STRUCT(Block, (Drop, one), (Drop, other));
};
struct Dropping {
  using Drop = nn::Dropout<Rate{0.5}>;
  using Weight = Parameter<init::ones, 4, 6, 8>;
  using Blocks = std::array<Block, 2>;
  using Stack = nn::Encoder<1, 8, 2, 16, half>;
  BOOST_HANA_DEFINE_STRUCT(Dropping, (Drop, first), (Weight, weight), (Blocks, blocks), (Stack, left),
                           (Stack, right));
};

/// What each layer leaves of a model's weight by one key.
constexpr auto all_of = [](const auto& model, auto key) {
  const auto& w = model.weight;
  return std::tuple{model.first(w, key),
                    model.blocks[0].one(w, key),
                    model.blocks[0].other(w, key),
                    model.blocks[1].one(w, key),
                    model.left(w, key),
                    model.right(w, key),
                    model.left(w),
                    model.right(w)};
};
/// Of which the gradient says what one layer keeps.
constexpr auto kept_sum = [](const auto& model, auto key) {
  return sum(model.blocks[1].other(model.weight, key));
};
constexpr auto kept = [](const auto& model, auto key) { return model.blocks[1].other(model.weight, key); };
constexpr auto kept_of_unraveled = [](const auto& model, auto key) {
  return unravel<Dropping>(ravel(model)).blocks[1].other(model.weight, key);
};

double agreement(const auto& a, const auto& b) {
  double equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a.data()[i] == b.data()[i] ? 1 : 0;
  return equal / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("layers of a model that are given one key do not drop the same places") {
  Parameters<Dropping, double> parameters{Seed{2}};
  for (const FlatEntry& entry : parameters.entries()) {
    if (!entry.name.starts_with("left.")) continue;
    const auto from = parameters.span(entry.name);
    std::ranges::copy(from, parameters.span("right." + entry.name.substr(5)).begin());
  }
  DoubleProgram<all_of, Dropping, Key> program;
  const auto [a, b, c, d, left, right, left_alone, right_alone] = program(parameters, random_key(Seed{3}, 1));
  const auto halves = Catch::Matchers::WithinAbs(0.5, 5 * 0.5 / std::sqrt(192.0));
  CHECK_THAT(agreement(a, b), halves);
  CHECK_THAT(agreement(a, c), halves);
  CHECK_THAT(agreement(a, d), halves);
  CHECK_THAT(agreement(b, c), halves);
  CHECK_THAT(agreement(b, d), halves);
  CHECK_THAT(agreement(c, d), halves);
  CHECK(largest_difference(left_alone, right_alone) == 0);
  CHECK(largest_difference(left, right) > 0.1);
}

TEST_CASE("a layer drops the same places in a gradient, and in a model that was a vector") {
  const Parameters<Dropping, double> parameters{Seed{2}};
  const auto key = random_key(Seed{3}, 1);
  DoubleProgram<kept, Dropping, Key> value;
  DoubleProgram<grad(kept_sum), Dropping, Key> slope;
  DoubleProgram<kept_of_unraveled, Dropping, Key> unraveled;
  const auto expected = value(parameters, key);
  const auto gradient = slope(parameters, key);
  CHECK(agreement(gradient["weight"], expected) == 1);
  CHECK(agreement(unraveled(parameters, key), expected) == 1);
}

TEST_CASE("one layer drops the same places twice, and so do two calls of dropout by one key") {
  constexpr auto twice = [](auto x, auto key) {
    const nn::Dropout<Rate{0.5}> layer;
    return std::tuple{layer(x, key), layer(x, key), dropout(x, 0.5, key), dropout(x, 0.5, fold_in(key, 1))};
  };
  DoubleProgram<twice, X, Key> program;
  const auto [a, b, c, folded] = program(numbers(4), random_key(Seed{3}, 1));
  CHECK(agreement(a, b) == 1);
  CHECK(agreement(a, c) == 1);
  CHECK(agreement(a, folded) < 0.7);
}

TEST_CASE("an encoder without a key has no dropout in its graph; with one, in two places of every layer") {
  using Inference = DoubleProgram<inference, Encoder, X>;
  using Training = DoubleProgram<training, Encoder, X, Key>;
  STATIC_REQUIRE(count<ops::KeepMask>(Inference::graph()) == 0);
  STATIC_REQUIRE(count<ops::FoldKey>(Inference::graph()) == 0);
  STATIC_REQUIRE(count<ops::KeepMask>(Training::graph()) == 4);
  STATIC_REQUIRE(count<ops::Attention>(Training::graph()) == 2);
  const Parameters<Encoder, double> parameters{Seed{2}};
  const auto x = numbers(4);
  DoubleProgram<by_hand, Encoder, X, Key> expected;
  Training program;
  const auto key = random_key(Seed{3}, 1);
  CHECK(largest_difference(program(parameters, x, key), expected(parameters, x, key)) == 0);
  Inference plain;
  CHECK(largest_difference(program(parameters, x, key), plain(parameters, x)) > 0.1);
}

TEST_CASE("dropout costs the training step of an encoder no further attention kernel") {
  constexpr auto plain_loss = [](const auto& model, auto x) { return sum(square(model(x))); };
  using Plain = DoubleProgram<value_and_grad(plain_loss), Without, X>;
  using Dropped = DoubleProgram<value_and_grad(loss), Encoder, X, Key>;
  STATIC_REQUIRE(count<ops::Attention>(Dropped::graph()) == count<ops::Attention>(Plain::graph()));
  STATIC_REQUIRE(count<ops::AttentionBackward>(Dropped::graph()) == 2);
  STATIC_REQUIRE(count<ops::Softmax>(Dropped::graph()) == 0);
}

TEST_CASE("the gradients of two shards add up to those of the batch, whose masks they have") {
  using Half = Tensor<2, 6, 8>;
  DoubleProgram<value_and_grad(loss), Encoder, X, Key> whole;
  DoubleProgram<value_and_grad(loss), Encoder, Half, Key> shard;
  const Parameters<Encoder, double> parameters{Seed{2}};
  const auto x = numbers(4);
  std::vector<double> sum;
  double value = 0;
  for (const std::size_t i : {0u, 1u}) {
    xt::xtensor<double, 3> part = xt::zeros<double>({2, 6, 8});
    std::copy(x.data() + i * part.size(), x.data() + (i + 1) * part.size(), part.data());
    const auto found = shard(parameters, part, random_key(Seed{3}, 1, 2 * i));
    value += found.value;
    const auto flat = found.gradients.flat();
    sum.resize(flat.size(), 0);
    for (std::size_t k = 0; k < flat.size(); ++k) sum[k] += flat[k];
  }
  const auto expected = whole(parameters, x, random_key(Seed{3}, 1));
  CHECK_THAT(value, Catch::Matchers::WithinRel(expected.value, 1e-12));
  double largest = 0;
  for (std::size_t k = 0; k < sum.size(); ++k)
    largest = std::max(largest, std::abs(sum[k] - expected.gradients.flat()[k]));
  CHECK(largest < 1e-11);
}

TEST_CASE("a mask of keys and a key go together") {
  constexpr auto masked = [](const auto& model, auto x, auto mask, auto key) { return model(x, mask, key); };
  constexpr auto unmasked = [](const auto& model, auto x, auto, auto key) { return model(x, key); };
  using Seen = Mask<4, 1, 1, 6>;
  DoubleProgram<masked, Encoder, X, Seen, Key> program;
  DoubleProgram<unmasked, Encoder, X, Seen, Key> plain;
  STATIC_REQUIRE(count<ops::Attention>(program.graph()) == 2);
  const Parameters<Encoder, double> parameters{Seed{2}};
  xt::xtensor<bool, 4> seen = xt::ones<bool>({4, 1, 1, 6});
  const auto x = numbers(4);
  const auto key = random_key(Seed{3}, 1);
  CHECK(largest_difference(program(parameters, x, seen, key), plain(parameters, x, seen, key)) < 1e-14);
  seen(1, 0, 0, 2) = false;
  CHECK(largest_difference(program(parameters, x, seen, key), plain(parameters, x, seen, key)) > 1e-3);
}

TEST_CASE("a layer of dropout has no parameters, and does nothing without a key") {
  using Drop = nn::Dropout<Rate{0.5}>;
  constexpr auto with = [](auto x, auto key) { return Drop{}(x, key); };
  constexpr auto without = [](auto x) { return Drop{}(x); };
  STATIC_REQUIRE(count<ops::KeepMask>(DoubleProgram<with, X, Key>::graph()) == 1);
  DoubleProgram<without, X> same;
  const auto x = numbers(4);
  CHECK(largest_difference(same(x), x) == 0);
  CHECK(autodiff::real_leaves<Drop>() == 0);
}
