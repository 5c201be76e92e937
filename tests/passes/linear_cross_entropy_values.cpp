#include <ctgrad/autodiff/jacobian.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>
#include <support/draw.hpp>

#include <cstdio>

/// The fused linear cross-entropy as a program: it equals its definition, and stores no logits.
namespace ctgrad::test {

namespace {

using X = Tensor<101, 5>;
using W = Tensor<5, 6165>;
using B = Tensor<6165>;
using T = Index<101>;
using R = Tensor<101>;
static_assert(kernels::gradient_chunk_rows(101, 5, 6165) < 101 &&
                  101 % kernels::gradient_chunk_rows(101, 5, 6165) != 0,
              "several chunks, the last one smaller");
static_assert(W::shape[1] > 2 * kernels::logits_block && W::shape[1] % kernels::logits_block % 16 != 0,
              "several blocks, the last one smaller and left over of tiles");

constexpr Optimize always{.large_logits = 1};
constexpr Optimize never{.linear_cross_entropy = false};

constexpr auto with_bias = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(matmul(x, w) + b, t);
};
constexpr auto without_bias = [](auto x, auto w, auto, auto t, auto) {
  return cross_entropy(matmul(x, w), t);
};
constexpr auto weighted = [](auto x, auto w, auto b, auto t, auto r) {
  return cross_entropy(matmul(x, w) + b, t, r);
};
constexpr auto weighted_sum = [](auto x, auto w, auto b, auto t, auto r) {
  return sum(r * cross_entropy_rows(matmul(x, w) + b, t));
};

/// Losses alone, each of another x so that they share no logits, and with gradients.
constexpr auto first_order = [](auto x, auto w, auto b, auto t, auto r) {
  return std::tuple{with_bias(x * 2, w, b, t, r),
                    without_bias(x * 3, w, b, t, r),
                    weighted(-x, w, b, t, r),
                    value_and_grad<0, 1, 2>(with_bias)(x, w, b, t, r),
                    value_and_grad<0, 1>(without_bias)(x, w, b, t, r),
                    value_and_grad<0, 1, 2>(weighted)(x, w, b, t, r),
                    value_and_grad<0, 1, 2, 4>(weighted_sum)(x, w, b, t, r)};
};
/// Tangents, and Hessians times vectors along x and along w.
constexpr auto second_order = [](auto x, auto w, auto b, auto t, auto r) {
  return std::tuple{jvp<0, 1, 2>(with_bias)(x, w, b, t, r, x, w, b),
                    jvp<4>(weighted)(x, w, b, t, r, square(r)), hvp<0>(weighted)(x, w, b, t, r, x),
                    hvp<1>(without_bias)(x, w, b, t, r, w)};
};

/// Rows 3 and 7 have weight 0.
std::vector<Numbers> point() {
  Random random(Seed{seed()});
  std::vector<Numbers> x;
  for (const Type& type : {X::type, W::type, B::type, T::type, R::type}) {
    x.emplace_back(extents(type.shape));
    for (double& number : x.back())
      number = type.kind == Kind::index ? random.below(6165) : 0.5 * random.normal();
  }
  x[3](0) = 6164;
  x[3](1) = 0;
  x[4](3) = x[4](7) = 0;
  return x;
}

/// The largest difference, in the largest number of its array.
double error_of(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  double largest = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < b.size(); ++i) {
    double apart = 0;
    double magnitude = 0;
    for (std::size_t j = 0; j < b[i].size(); ++j) {
      apart = std::max(apart, std::abs(a[i].data()[j] - b[i].data()[j]));
      magnitude = std::max(magnitude, std::abs(b[i].data()[j]));
    }
    INFO("array " << i << " of largest number " << magnitude);
    CHECK(magnitude > 0);
    largest = std::max(largest, apart / magnitude);
  }
  return largest;
}

template <class Scalar, auto F, Optimize Passes>
std::vector<Numbers> results(const std::vector<Numbers>& at) {
  return compute<Scalar, optimize<Passes>(F), X, W, B, T, R>(at);
}

template <auto F, Optimize Passes>
constexpr std::int32_t fused_nodes() {
  constexpr const auto& graph = Frozen<runtime::Trace<optimize<Passes>(F), X, W, B, T, R>>::graph;
  return count<ops::LinearCrossEntropy>(graph) + count<ops::LinearCrossEntropyGradients>(graph);
}

/// The training step of a small encoder over a large vocabulary (`seed` in the list of configurations).
struct Model {
  using Tokens = nn::Embedding<10000, 32>;
  using Positions = nn::PositionEmbedding<100, 32>;
  using Encoder = nn::Encoder<2, 32, 2, 32>;
  using Head = nn::Linear<32, 10000>;
  BOOST_HANA_DEFINE_STRUCT(Model, (Tokens, tokens), (Positions, positions), (Encoder, encoder), (Head, head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};
using Ids = Index<1, 100>;
constexpr auto model_loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
template <Optimize Passes>
using Step = Program<optimize<Passes>(value_and_grad(model_loss)), Model, Ids, Ids>;
constexpr Size logits = 100 * 10000;

/// The elements of the largest array that is computed.
template <class P>
constexpr Size largest_array() {
  Size largest = 0;
  for (std::size_t i = 0; i < P::Machine::plan.call_count; ++i)
    largest = std::max(largest, P::graph()[P::Machine::plan.calls[i].node].type.shape.size());
  return largest;
}

}  // namespace

TEST_CASE("the fused linear cross-entropy is its definition: loss and gradients, in double and float") {
  STATIC_REQUIRE(fused_nodes<first_order, always>() == 7);
  STATIC_REQUIRE(fused_nodes<first_order, never>() == 0);
  const std::vector<Numbers> at = point();
  const std::vector<Numbers> expected = results<double, first_order, never>(at);
  CHECK(error_of(results<double, first_order, always>(at), expected) < 1e-10);
  CHECK(error_of(results<float, first_order, always>(at), expected) < 2e-5);
}

TEST_CASE("so it is in tangents and Hessians, which follow from the definition") {
  const std::vector<Numbers> at = point();
  const std::vector<Numbers> expected = results<double, second_order, never>(at);
  CHECK(error_of(results<double, second_order, always>(at), expected) < 1e-10);
  CHECK(error_of(results<float, second_order, always>(at), expected) < 2e-5);
}

TEST_CASE("rows of weight 0 count for nothing, whatever they hold; where all do, the loss is 0") {
  constexpr auto width = static_cast<std::size_t>(X::shape[1]);
  std::vector<Numbers> at = point();
  const auto gradients = [](const std::vector<Numbers>& x) {
    return compute<double, optimize<always>(value_and_grad<0, 1, 2>(weighted)), X, W, B, T, R>(x);
  };
  const std::vector<Numbers> expected = gradients(at);
  for (std::size_t k = 0; k < width; ++k) at[0](3, k) = 1e300;  // its logits are infinite or NaN
  const std::vector<Numbers> found = gradients(at);
  CHECK(found[0] == expected[0]);
  CHECK(found[1] == expected[1]);
  for (std::size_t k = 0; k < width; ++k) CHECK(found[1](3, k) == 0);
  CHECK(found[3] == expected[3]);
  at[4].fill(0);
  for (const Numbers& numbers : gradients(at)) {
    for (const double number : numbers) CHECK(number == 0);
  }
}

TEST_CASE("a loss that is not selected gives no gradient, whatever its logits hold") {
  constexpr auto chosen = [](auto x, auto w, auto b, auto t, auto r) {
    return select(sum(r) > 0, with_bias(x, w, b, t, r), sum(b));
  };
  std::vector<Numbers> at = point();
  at[0].fill(1e200);
  at[1].fill(1e200);  // the logits are infinite
  at[4].fill(-1);
  const auto found = compute<double, optimize<always>(value_and_grad<0, 1, 2>(chosen)), X, W, B, T, R>(at);
  for (const double number : found[1]) CHECK(number == 0);
  for (const double number : found[2]) REQUIRE(number == 0);
  for (const double number : found[3]) REQUIRE(number == 1);
}

TEST_CASE("a target outside the vocabulary is refused before anything is computed") {
  constexpr auto loss = [](auto x, auto w, auto t) { return cross_entropy(matmul(x, w), t); };
  Program<optimize<always>(value_and_grad(loss)), Tensor<2, 3, 2>, Tensor<2, 4>, Index<2, 3>> program;
  STATIC_REQUIRE(count<ops::LinearCrossEntropyGradients>(program.graph()) == 1);
  const xt::xarray<float> x = xt::ones<float>({2, 3, 2});
  const xt::xarray<float> w = xt::ones<float>({2, 4});
  xt::xarray<std::int32_t> targets = xt::zeros<std::int32_t>({2, 3});
  const float before = program(x, w, targets).value;
  for (const std::int32_t wrong : {4, -1}) {
    targets(1, 2) = wrong;
    CHECK_THROWS_AS(program(x, w, targets), std::out_of_range);
    CHECK_THROWS_WITH(program(x, w, targets),
                      contains("argument 3[1, 2] = " + std::to_string(wrong) + " is not in [0, 4)"));
    CHECK(program.result().value == before);
  }
}

TEST_CASE("the training step over a large vocabulary stores no logits") {
  using Fused = Step<Optimize{}>;
  using Plain = Step<never>;
  STATIC_REQUIRE(count<ops::LinearCrossEntropyGradients>(Fused::graph()) == 1);
  STATIC_REQUIRE(count<ops::LinearCrossEntropy>(Fused::graph()) == 0);
  STATIC_REQUIRE(count<ops::CrossEntropy>(Fused::graph()) == 0);
  STATIC_REQUIRE(largest_array<Plain>() == logits);
  STATIC_REQUIRE(largest_array<Fused>() < logits);
  STATIC_REQUIRE(3 * Fused::arena_bytes() < 2 * Plain::arena_bytes());
  std::printf("figure: arena of the training step of seed: %.2f MB, without the fused loss %.2f MB\n",
              1e-6 * static_cast<double>(Fused::arena_bytes()),
              1e-6 * static_cast<double>(Plain::arena_bytes()));
}

}  // namespace ctgrad::test
