#include <ctgrad/autodiff/jacobian.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>
#include <support/draw.hpp>

#include <cstdio>
#include <limits>

/// Attention is found however it is written, and only where it is one.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr Size length = 5;
constexpr auto rows = [](const auto& x) { return beside(x, iota_along<-2, length, length>()); };
constexpr auto columns = [](const auto& x) { return beside(x, iota_along<-1, length, length>()); };
constexpr auto row_of = [](const auto& x) {
  return beside(x, reshape<length, 1>(beside(x, iota<length>())));
};

// Ways that fuse: (q, k, v, b) -> result, b [length, length] being a bias, or a mask where it is positive.

constexpr auto scaled_scores = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(matmul(q, transpose(k)) * 0.5), v);
};
constexpr auto scaled_from_the_left = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(0.5 * matmul(q, transpose(k))), v);
};
constexpr auto divided_scores = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(matmul(q, transpose(k)) / 2), v);
};
constexpr auto scaled_queries = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(matmul(q * 0.5, transpose(k))), v);
};
constexpr auto divided_keys = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(matmul(q, transpose(k / 2))), v);
};
constexpr auto unscaled = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(matmul(q, transpose(k))), v);
};
constexpr auto scaled_twice = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(matmul(q / 2, transpose(k)) * 0.5), v);
};
constexpr auto with_bias = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(matmul(q, transpose(k)) * 0.5 + b), v);
};
constexpr auto with_bias_in_front = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(b + matmul(q, transpose(k)) * 0.5), v);
};
constexpr auto masked = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(select(b > 0, matmul(q, transpose(k)) * 0.5, -infinity)), v);
};
constexpr auto masked_before_the_scale = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(select(b > 0, matmul(q, transpose(k)), -infinity) * 0.5), v);
};
constexpr auto masked_with_a_large_number = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(select(b > 0, matmul(q, transpose(k)) * 0.5, -1e9)), v);
};
constexpr auto left_out = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(select(b <= 0, -infinity, matmul(q, transpose(k)) * 0.5)), v);
};
constexpr auto masked_by_its_negation = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(select(!(b <= 0), matmul(q, transpose(k)) * 0.5, -infinity)), v);
};
constexpr auto masked_by_addition = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(matmul(q, transpose(k)) * 0.5 + select(b > 0, 0, -infinity)), v);
};
constexpr auto causal = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(select(columns(q) <= rows(q), matmul(q, transpose(k)) * 0.5, -infinity)), v);
};
constexpr auto causal_from_one_iota = [](auto q, auto k, auto v, auto) {
  const auto seen = beside(q, iota<length>()) <= row_of(q);
  return matmul(softmax(select(seen, matmul(q, transpose(k)) * 0.5, -infinity)), v);
};
constexpr auto causal_left_out = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(select(rows(q) < columns(q), -infinity, matmul(q, transpose(k)) * 0.5)), v);
};
constexpr auto causal_and_masked = [](auto q, auto k, auto v, auto b) {
  const auto seen = (columns(q) <= rows(q)) & (b > 0);
  return matmul(softmax(select(seen, matmul(q, transpose(k)) * 0.5, -infinity)), v);
};
constexpr auto masked_twice = [](auto q, auto k, auto v, auto b) {
  const auto once = select(b > 0, matmul(q, transpose(k)) * 0.5, -infinity);
  return matmul(softmax(select(b < 1, once, -infinity)), v);
};
constexpr auto biased_and_masked = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(select(b > 0, matmul(q, transpose(k)) * 0.5 + 2 * b, -infinity)), v);
};
constexpr auto by_the_library = [](auto q, auto k, auto v, auto b) { return attention(q, k, v, b > 0); };

// Ways that must not.

constexpr auto weights_too = [](auto q, auto k, auto v, auto) {
  const auto weights = softmax(matmul(q, transpose(k)) * 0.5);
  return matmul(weights, v) * sum(weights * weights);
};
constexpr auto along_queries = [](auto q, auto k, auto v, auto) {
  return matmul(transpose(softmax(transpose(matmul(q, transpose(k)) * 0.5))), v);
};
constexpr auto of_a_nonlinear_score = [](auto q, auto k, auto v, auto) {
  return matmul(softmax(tanh(matmul(q, transpose(k)) * 0.5)), v);
};
constexpr auto scaled_by_a_tensor = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(matmul(q, transpose(k)) * b), v);
};
constexpr auto scaled_behind_the_bias = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax((matmul(q, transpose(k)) + b) * 0.5), v);
};
constexpr auto changed_weights = [](auto q, auto k, auto v, auto b) {
  return matmul(softmax(matmul(q, transpose(k)) * 0.5) * b, v);
};
constexpr auto masked_with_two_numbers = [](auto q, auto k, auto v, auto b) {
  const auto once = select(b > 0, matmul(q, transpose(k)) * 0.5, -infinity);
  return matmul(softmax(select(b < 1, once, -1)), v);
};

using Q = Tensor<2, length, 3>;
using V = Tensor<2, length, 4>;
using B = Tensor<length, length>;

template <auto F>
constexpr auto squared = [](auto q, auto k, auto v, auto b) { return sum(square(F(q, k, v, b))); };
template <auto F>
constexpr auto gradients = grad<0, 1, 2>(squared<F>);

/// Over more keys than a block of the kernel holds.
constexpr auto long_masked = [](auto q, auto k, auto v, auto b) { return attention(q, k, v, b > -1); };
constexpr auto long_causal = [](auto q, auto k, auto v, auto b) {
  const auto seen = beside(q, iota_along<-1, 37, 600>()) <= beside(q, iota_along<-2, 37, 600>());
  return attention(q, k, v, seen & (b > -1));
};
constexpr auto long_both = [](auto q, auto k, auto v, auto b) {
  return std::tuple{long_masked(q, k, v, b), gradients<long_masked>(q, k, v, b),
                    gradients<long_causal>(q, k, v, b)};
};

/// The graph of a function of q, k, v and b, with these passes or without any.
template <auto F>
Graph fused() {
  return runtime::Trace<F, Q, Q, V, B>::make();
}
template <auto F>
Graph plain() {
  return runtime::Trace<optimize<no_passes>(F), Q, Q, V, B>::make();
}

std::vector<Numbers> point() {
  Random random(Seed{seed()});
  std::vector<Numbers> x;
  for (const Shape& shape : {Q::shape, Q::shape, V::shape, B::shape}) {
    x.emplace_back(extents(shape));
    for (double& number : x.back()) number = random.normal();
  }
  x[3](1, 0) = x[3](1, 1) = -1;  // the second query sees nothing where both masks hold
  return x;
}

double difference(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < b.size(); ++i) largest = std::max(largest, error_between(a[i], b[i], 1e-10));
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
  CHECK(difference(interpret(value, x), interpret(plain<F>(), x)) < 1e-10);
  const Graph backward = fused<gradients<F>>();
  CHECK(count<ops::Attention>(backward) == 1);
  CHECK(count<ops::AttentionBackward>(backward) == 1);
  CHECK(count<ops::Softmax>(backward) == 0);
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

}  // namespace

TEST_CASE("attention is fused however its scale is written") {
  CHECK_FUSES(scaled_scores);
  CHECK_FUSES(scaled_from_the_left);
  CHECK_FUSES(divided_scores);
  CHECK_FUSES(scaled_queries);
  CHECK_FUSES(divided_keys);
  CHECK_FUSES(unscaled);
  CHECK_FUSES(scaled_twice);
}

TEST_CASE("attention is fused however its mask is written") {
  CHECK_FUSES(with_bias);
  CHECK_FUSES(with_bias_in_front);
  CHECK_FUSES(masked);
  CHECK_FUSES(masked_before_the_scale);
  CHECK_FUSES(masked_with_a_large_number);
  CHECK_FUSES(left_out);
  CHECK_FUSES(masked_by_its_negation);
  CHECK_FUSES(masked_by_addition);
  CHECK_FUSES(masked_twice);
  CHECK_FUSES(biased_and_masked);
  CHECK_FUSES(by_the_library);
}

TEST_CASE("a causal mask is known as such, and needs no operand") {
  CHECK_FUSES(causal);
  CHECK_FUSES(causal_from_one_iota);
  CHECK_FUSES(causal_left_out);
  CHECK_FUSES(causal_and_masked);
  CHECK(count<ops::LessEqual>(fused<causal>()) == 0);
  CHECK(count<ops::LessEqual>(fused<causal_from_one_iota>()) == 0);
  CHECK(count<ops::Less>(fused<causal_left_out>()) == 0);
  std::printf("figure: ways of writing attention that fuse: %d\n", ways);
}

TEST_CASE("what is no attention, or whose weights are needed, is left as it is") {
  CHECK_STAYS(weights_too);
  CHECK_STAYS(along_queries);
  CHECK_STAYS(of_a_nonlinear_score);
  CHECK_STAYS(scaled_by_a_tensor);
  CHECK_STAYS(scaled_behind_the_bias);
  CHECK_STAYS(changed_weights);
  CHECK_STAYS(masked_with_two_numbers);
}

TEST_CASE("fused attention is its definition: value, gradients, jvp and hvp, compiled in double and float") {
  constexpr auto all = [](auto q, auto k, auto v, auto b) {
    const auto y = causal_and_masked(q, k, v, b) + biased_and_masked(q, k, v, b);
    const auto g = gradients<biased_and_masked>(q, k, v, b);
    const auto h = hvp(squared<causal_and_masked>)(q, k, v, b, k);
    const auto t = jvp<0, 1, 2>(with_bias)(q, k, v, b, k, q, v).tangent;
    const auto bias = grad<3>(squared<with_bias>)(q, k, v, b);
    return std::tuple{y, g, h, t, bias};
  };
  const std::vector<Numbers> x = point();
  const auto expected = compute<double, optimize<no_passes>(all), Q, Q, V, B>(x);
  CHECK(difference(compute<double, all, Q, Q, V, B>(x), expected) < 1e-10);
  const auto in_float = compute<float, all, Q, Q, V, B>(x);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    double largest = 0;
    double magnitude = 0;
    for (std::size_t j = 0; j < expected[i].size(); ++j) {
      largest = std::max(largest, std::abs(in_float[i].data()[j] - expected[i].data()[j]));
      magnitude = std::max(magnitude, std::abs(expected[i].data()[j]));
    }
    CHECK(largest < 2e-5 * magnitude);
  }
}

TEST_CASE("attention over more keys than a block holds is its definition, in both directions") {
  using Queries = Tensor<37, 20>;
  using Keys = Tensor<600, 20>;
  using Masked = Tensor<37, 600>;
  STATIC_REQUIRE(Keys::shape[0] > 2 * kernels::key_block);
  Random random(Seed{seed()});
  std::vector<Numbers> x;
  for (const Shape& shape : {Queries::shape, Keys::shape, Keys::shape, Masked::shape}) {
    x.emplace_back(extents(shape));
    for (double& number : x.back()) number = random.normal();
  }
  const auto expected = compute<double, optimize<no_passes>(long_both), Queries, Keys, Keys, Masked>(x);
  CHECK(difference(compute<double, long_both, Queries, Keys, Keys, Masked>(x), expected) < 1e-10);
}

}  // namespace ctgrad::test
