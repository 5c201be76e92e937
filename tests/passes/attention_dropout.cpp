#include <ctgrad/autodiff/jacobian.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/arrays.hpp>
#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>
#include <support/draw.hpp>

#include <cstdio>
#include <limits>

/// Dropout on the weights of attention is part of the fused operation, which makes the mask again.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Size length = 5;

using Q = Tensor<2, length, 3>;
using V = Tensor<2, length, 4>;
using B = Tensor<length, length>;

constexpr auto weights = [](auto q, auto k) { return softmax(matmul(q, transpose(k)) * 0.5); };
constexpr auto causal_scores = [](auto q, auto k) {
  const auto rows = beside(q, iota_along<-2, length, length>());
  const auto columns = beside(q, iota_along<-1, length, length>());
  return select(columns <= rows, matmul(q, transpose(k)) * 0.5, -infinity);
};
constexpr auto mask_of = [](auto key) { return keep_mask<2, length, length>(0.25, key); };

// Ways that fuse: (q, k, v, b, key) -> result, b [length, length] being a bias, or a mask where it is
// positive.

constexpr auto by_dropout = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(dropout(weights(q, k), 0.25, key), v);
};
constexpr auto by_a_folded_key = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(dropout<Rate{0.25}>(weights(q, k), fold_in(fold_in(key, 3), 1)), v);
};
constexpr auto selected = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(select(mask_of(key), weights(q, k), 0), v);
};
constexpr auto scaled_behind = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(select(mask_of(key), weights(q, k), 0) / 0.75, v);
};
constexpr auto scaled_before = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(select(mask_of(key), 2 * weights(q, k), 0), v);
};
constexpr auto scaled_on_both_sides = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(select(mask_of(key), weights(q, k) / 0.5, 0) * 0.6, v);
};
constexpr auto left_out = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(select(!mask_of(key), 0, weights(q, k)), v);
};
constexpr auto multiplied = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(weights(q, k) * as_real(mask_of(key)) / 0.75, v);
};
constexpr auto multiplied_from_the_left = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(as_real(mask_of(key)) * weights(q, k), v);
};
constexpr auto causal = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(dropout(softmax(causal_scores(q, k)), 0.25, key), v);
};
constexpr auto masked = [](auto q, auto k, auto v, auto b, auto key) {
  return attention(q, k, v, b > 0, 0.25, key);
};
constexpr auto causal_and_masked = [](auto q, auto k, auto v, auto b, auto key) {
  return matmul(dropout(softmax(select(b > 0, causal_scores(q, k), -infinity)), 0.25, key), v);
};
constexpr auto biased = [](auto q, auto k, auto v, auto b, auto key) {
  return matmul(dropout(softmax(matmul(q, transpose(k)) * 0.5 + b), 0.25, key), v);
};
constexpr auto masked_and_biased = [](auto q, auto k, auto v, auto b, auto key) {
  const auto scores = select(b > 0, matmul(q, transpose(k)) * 0.5 + b, -infinity);
  return matmul(dropout(softmax(scores), 0.25, key), v);
};
constexpr auto masked_with_a_large_number = [](auto q, auto k, auto v, auto b, auto key) {
  const auto scores = select(b > 0, matmul(q, transpose(k)) * 0.5, -1e9);
  return matmul(dropout(softmax(scores), 0.25, key), v);
};
constexpr auto of_one_head = [](auto q, auto k, auto v, auto, auto key) {
  const auto one = [](auto x) { return sum<0>(x); };
  return matmul(dropout(weights(one(q), one(k)), 0.25, key), one(v));
};
constexpr auto by_heads = [](auto q, auto k, auto v, auto, auto key) {
  const auto split = [](auto x) { return permute<0, 2, 1, 3>(reshape<2, length, 3, 1>(x)); };
  const auto result = attention(split(q), split(k), split(slice<-1, 0, 3>(v)), 0.25, key);
  return reshape<2, length, 3>(permute<0, 2, 1, 3>(result));
};

// Ways that must not.

constexpr auto dropped_twice = [](auto q, auto k, auto v, auto, auto key) {
  const auto once = dropout(weights(q, k), 0.25, key);
  return matmul(dropout(once, 0.25, fold_in(key, 1)), v);
};
constexpr auto one_mask_for_all = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(select(keep_mask<length, length>(0.25, key), weights(q, k), 0), v);
};
constexpr auto filled_with_a_number = [](auto q, auto k, auto v, auto, auto key) {
  return matmul(select(mask_of(key), weights(q, k), 0.1), v);
};
constexpr auto dropped_weights_too = [](auto q, auto k, auto v, auto, auto key) {
  const auto dropped = dropout(weights(q, k), 0.25, key);
  return matmul(dropped, v) * sum(dropped * dropped);
};
constexpr auto undropped_weights_too = [](auto q, auto k, auto v, auto, auto key) {
  const auto w = weights(q, k);
  return matmul(dropout(w, 0.25, key), v) * sum(w * w);
};

template <auto F>
constexpr auto squared =
    [](auto q, auto k, auto v, auto b, auto key) { return sum(square(F(q, k, v, b, key))); };
template <auto F>
constexpr auto gradients = grad<0, 1, 2>(squared<F>);

template <auto F>
Graph fused() {
  return runtime::Trace<F, Q, Q, V, B, Key>::make();
}
template <auto F>
Graph plain() {
  return runtime::Trace<optimize<no_passes>(F), Q, Q, V, B, Key>::make();
}

std::vector<Numbers> point(const std::vector<Shape>& shapes) {
  Random random(Seed{seed()});
  std::vector<Numbers> x;
  for (const Shape& shape : shapes) {
    x.emplace_back(extents(shape));
    for (double& number : x.back()) number = random.normal();
  }
  x.push_back(Numbers{7, -3, static_cast<double>(random.below(1000)), 5});
  return x;
}

std::vector<Numbers> point() {
  std::vector<Numbers> x = point({Q::shape, Q::shape, V::shape, B::shape});
  for (std::size_t i = 0; i < 5; ++i) x[3](i, i == 1 ? 4 : 0) = 1;
  x[3](1, 0) = x[3](1, 1) = -1;  // the second query sees nothing where both masks hold
  return x;
}

double difference(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < b.size(); ++i) largest = std::max(largest, error_between(a[i], b[i], 1e-10));
  return largest;
}

double error_in_float(const std::vector<Numbers>& got, const std::vector<Numbers>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    largest = std::max(largest, error_of_largest({got[i]}, {expected[i]}));
  return largest;
}

int ways = 0;

template <auto F>
void check_fuses(const char* name) {
  INFO(name);
  ++ways;
  const std::vector<Numbers> x = point();
  const Graph value = fused<F>();
  CHECK(count<ops::Attention>(value) == 1);
  CHECK(count<ops::Softmax>(value) == 0);
  CHECK(count<ops::KeepMask>(value) == 0);
  CHECK(difference(interpret(value, x), interpret(plain<F>(), x)) < 1e-10);
  const Graph backward = fused<gradients<F>>();
  CHECK(count<ops::Attention>(backward) == 1);
  CHECK(count<ops::AttentionBackward>(backward) == 1);
  CHECK(count<ops::Softmax>(backward) == 0);
  CHECK(count<ops::KeepMask>(backward) == 0);
  CHECK(difference(interpret(backward, x), interpret(plain<gradients<F>>(), x)) < 1e-10);
}

template <auto F>
void check_stays(const char* name) {
  INFO(name);
  const std::vector<Numbers> x = point();
  CHECK(count<ops::Attention>(fused<F>()) == 0);
  CHECK(count<ops::Attention>(fused<gradients<F>>()) == 0);
  CHECK(difference(interpret(fused<gradients<F>>(), x), interpret(plain<gradients<F>>(), x)) < 1e-10);
}

#define CHECK_FUSES(function) check_fuses<function>(#function)
#define CHECK_STAYS(function) check_stays<function>(#function)

/// Over more keys than a block of the kernel holds, by heads, and not a multiple of any tile.
constexpr auto long_masked = [](auto q, auto k, auto v, auto b, auto key) {
  return attention(q, k, v, b > -1, 0.3, fold_in(key, 4));
};
constexpr auto long_causal = [](auto q, auto k, auto v, auto b, auto key) {
  const auto seen = beside(q, iota_along<-1, 37, 602>()) <= beside(q, iota_along<-2, 37, 602>());
  return attention(q, k, v, seen & (b > -1), 0.3, key);
};
constexpr auto long_both = [](auto q, auto k, auto v, auto b, auto key) {
  return std::tuple{long_masked(q, k, v, b, key), gradients<long_masked>(q, k, v, b, key),
                    gradients<long_causal>(q, k, v, b, key)};
};

}  // namespace

TEST_CASE("attention is fused however its dropout is written", "[attention]") {
  CHECK_FUSES(by_dropout);
  CHECK_FUSES(by_a_folded_key);
  CHECK_FUSES(selected);
  CHECK_FUSES(scaled_behind);
  CHECK_FUSES(scaled_before);
  CHECK_FUSES(scaled_on_both_sides);
  CHECK_FUSES(left_out);
  CHECK_FUSES(multiplied);
  CHECK_FUSES(multiplied_from_the_left);
}

TEST_CASE("attention with dropout is fused with every mask and layout", "[attention]") {
  CHECK_FUSES(causal);
  CHECK_FUSES(masked);
  CHECK_FUSES(causal_and_masked);
  CHECK_FUSES(biased);
  CHECK_FUSES(masked_and_biased);
  CHECK_FUSES(masked_with_a_large_number);
  CHECK_FUSES(of_one_head);
  CHECK_FUSES(by_heads);
  std::printf("figure: ways of writing attention with dropout that fuse: %d\n", ways);
}

TEST_CASE("dropout that is no attention's, or whose weights are needed, is left as it is", "[attention]") {
  CHECK_STAYS(dropped_twice);
  CHECK_STAYS(one_mask_for_all);
  CHECK_STAYS(filled_with_a_number);
  CHECK_STAYS(dropped_weights_too);
  CHECK_STAYS(undropped_weights_too);
}

TEST_CASE("fused attention with dropout is its definition: value, gradients, jvp and hvp, compiled",
          "[attention]") {
  constexpr auto all = [](auto q, auto k, auto v, auto b, auto key) {
    const auto y = causal(q, k, v, b, key) + masked_and_biased(q, k, v, b, fold_in(key, 1));
    const auto g = gradients<masked_and_biased>(q, k, v, b, key);
    const auto h = hvp(squared<causal_and_masked>)(q, k, v, b, key, k);
    const auto t = jvp<0, 1, 2>(biased)(q, k, v, b, key, k, q, v).tangent;
    const auto bias = grad<3>(squared<biased>)(q, k, v, b, key);
    const auto one = grad<0>(squared<of_one_head>)(q, k, v, b, key);
    const auto heads = gradients<by_heads>(q, k, v, b, key);
    return std::tuple{y, g, h, t, bias, one, heads};
  };
  const std::vector<Numbers> x = point();
  const auto expected = compute<double, optimize<no_passes>(all), Q, Q, V, B, Key>(x);
  CHECK(difference(compute<double, all, Q, Q, V, B, Key>(x), expected) < 1e-10);
  CHECK(error_in_float(compute<float, all, Q, Q, V, B, Key>(x), expected) < 2e-5);
}

TEST_CASE("attention with dropout over more keys than a block holds is its definition, in both directions",
          "[attention]") {
  using Queries = Tensor<2, 37, 20>;
  using Keys = Tensor<2, 602, 20>;
  using Masked = Tensor<37, 602>;
  STATIC_REQUIRE(Keys::shape[1] > 2 * kernels::key_block);
  const std::vector<Numbers> x = point({Queries::shape, Keys::shape, Keys::shape, Masked::shape});
  const auto expected = compute<double, optimize<no_passes>(long_both), Queries, Keys, Keys, Masked, Key>(x);
  CHECK(difference(compute<double, long_both, Queries, Keys, Keys, Masked, Key>(x), expected) < 1e-10);
  CHECK(error_in_float(compute<float, long_both, Queries, Keys, Keys, Masked, Key>(x), expected) < 2e-5);
}

TEST_CASE("attention with dropout stores nothing of the size of its weights", "[attention]") {
  using Long = Tensor<1, 512, 8>;
  constexpr auto loss = [](auto q, auto k, auto v, auto key) {
    return sum(square(attention(q, k, v, 0.1, key)));
  };
  using Step = Program<value_and_grad<0, 1, 2>(loss), Long, Long, Long, Key>;
  STATIC_REQUIRE(Step::arena_bytes() < 512 * 512);  // one byte a weight
}

}  // namespace ctgrad::test
