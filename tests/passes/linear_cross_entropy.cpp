#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>
#include <support/draw.hpp>

#include <cstdio>

/// A linear layer and its cross-entropy are found however they are written, and only where they are those.
namespace ctgrad::test {

namespace {

// Ways that fuse: (x, w, b, t, r) -> loss, r a weight for every row.

constexpr auto the_mean = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(matmul(x, w) + b, t);
};
constexpr auto bias_in_front = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(b + matmul(x, w), t);
};
constexpr auto without_bias = [](auto x, auto w, auto, auto t, auto) {
  return cross_entropy(matmul(x, w), t);
};
constexpr auto of_rows = [](auto x, auto w, auto b, auto t, auto) {
  const auto logits = matmul(reshape<6, 3>(x), w) + b;
  return cross_entropy(logits, reshape<6>(t));
};
constexpr auto reshaped_between = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(reshape<6, 5>(matmul(x, w)) + b, reshape<6>(t));
};
constexpr auto reshaped_losses = [](auto x, auto w, auto b, auto t, auto r) {
  return sum(reshape<6>(r) * reshape<6>(cross_entropy_rows(matmul(x, w) + b, t)));
};
constexpr auto the_sum = [](auto x, auto w, auto b, auto t, auto) {
  return 0.5 * sum(cross_entropy_rows(matmul(x, w) + b, t));
};
constexpr auto the_sum_by_division = [](auto x, auto w, auto b, auto t, auto) {
  return sum(cross_entropy_rows(matmul(x, w) + b, t)) / 6;
};
constexpr auto transposed_weight = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(matmul(x, transpose(transpose(w) * 2)) + b, t);
};
constexpr auto weighted = [](auto x, auto w, auto b, auto t, auto r) {
  return cross_entropy(matmul(x, w) + b, t, r);
};
constexpr auto weighted_without_bias = [](auto x, auto w, auto, auto t, auto r) {
  return cross_entropy(matmul(x, w), t, r);
};
constexpr auto weighted_sum = [](auto x, auto w, auto b, auto t, auto r) {
  return sum(r * cross_entropy_rows(matmul(x, w) + b, t));
};
constexpr auto weighted_from_the_right = [](auto x, auto w, auto b, auto t, auto r) {
  return mean(cross_entropy_rows(matmul(x, w) + b, t) * r);
};
constexpr auto targets_left_out = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(matmul(x, w) + b, t, IgnoreIndex{1});
};
constexpr auto targets_left_out_of_weighted = [](auto x, auto w, auto b, auto t, auto r) {
  return cross_entropy(matmul(x, w) + b, t, r, IgnoreIndex{1});
};
constexpr auto with_more_losses = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(matmul(tanh(x), w) + b, t) + 0.1 * sum(square(w)) + sum(square(x));
};
constexpr auto in_a_nonlinear_loss = [](auto x, auto w, auto b, auto t, auto) {
  return exp(cross_entropy(matmul(x, w) + b, t));
};
constexpr auto the_layer = [](auto x, auto w, auto b, auto t, auto) {
  nn::Linear<3, 5> layer;
  layer.weight.value = w.value;
  layer.bias.value = b.value;
  return cross_entropy(layer(x), t);
};

// Ways that must not.

constexpr auto logits_too = [](auto x, auto w, auto b, auto t, auto) {
  const auto logits = matmul(x, w) + b;
  return cross_entropy(logits, t) + 0.1 * sum(square(logits));
};
constexpr auto products_too = [](auto x, auto w, auto b, auto t, auto) {
  const auto product = matmul(x, w);
  return cross_entropy(product + b, t) + 0.1 * sum(square(product));
};
constexpr auto losses_too = [](auto x, auto w, auto b, auto t, auto) {
  const auto losses = cross_entropy_rows(matmul(x, w) + b, t);
  return sum(losses) + sum(square(losses));
};
constexpr auto along_rows = [](auto x, auto w, auto, auto t, auto) {
  const auto logits = transpose(matmul(reshape<6, 3>(x), w));
  return cross_entropy(logits, reshape<5>(slice<0, 0, 5>(reshape<6>(t))));
};
constexpr auto nonlinear_logits = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(tanh(matmul(x, w) + b), t);
};
constexpr auto bias_of_rows = [](auto x, auto w, auto, auto t, auto r) {
  return cross_entropy(matmul(x, w) + reshape<2, 3, 1>(r), t);
};
constexpr auto sums_of_rows = [](auto x, auto w, auto b, auto t, auto) {
  return sum(square(sum<-1>(cross_entropy_rows(matmul(x, w) + b, t))));
};
constexpr auto others_left_out = [](auto x, auto w, auto b, auto t, auto r) {
  const auto ignored = reshape<2, 3, 1>(square(r) == 0);
  return sum(r * cross_entropy_rows(select(ignored, 0, matmul(x, w) + b), t));
};
constexpr auto left_out_to_a_number = [](auto x, auto w, auto b, auto t, auto r) {
  const auto ignored = reshape<2, 3, 1>(r == 0);
  return sum(r * cross_entropy_rows(select(ignored, 7, matmul(x, w) + b), t));
};
constexpr auto a_weight_for_each = [](auto x, auto w, auto b, auto t, auto) {
  const auto stack = broadcast<2, 3, 5>(w) * 0.5;
  return cross_entropy(matmul(x, stack) + b, t);
};

using X = Tensor<2, 3, 3>;
using W = Tensor<3, 5>;
using B = Tensor<5>;
using T = Index<2, 3>;
using R = Tensor<2, 3>;

constexpr Optimize always{.large_logits = 1};
template <auto F>
constexpr auto gradients = value_and_grad<0, 1, 2, 4>(F);

template <auto F>
Graph fused() {
  return runtime::Trace<optimize<always>(F), X, W, B, T, R>::make();
}
template <auto F>
Graph plain() {
  return runtime::Trace<optimize<no_passes>(F), X, W, B, T, R>::make();
}

/// x, w, b, targets below the vocabulary, and weights of which the second is 0.
template <class... Arguments>
std::vector<Numbers> point(std::uint32_t vocabulary) {
  Random random(Seed{seed()});
  std::vector<Numbers> x;
  const auto draw = [&](const Type& type) {
    x.emplace_back(extents(type.shape));
    for (double& number : x.back())
      number = type.kind == Kind::index ? random.below(vocabulary) : 0.7 * random.normal();
  };
  (draw(Arguments::type), ...);
  x[4].data()[1] = 0;
  return x;
}

double difference(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  double largest = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < b.size(); ++i) largest = std::max(largest, error_between(a[i], b[i], 1e-10));
  return largest;
}

int ways = 0;

template <auto F>
void check_fuses(const char* name) {
  INFO(name);
  ++ways;
  const std::vector<Numbers> x = point<X, W, B, T, R>(5);
  const Graph value = fused<F>();
  CHECK(count<ops::LinearCrossEntropy>(value) == 1);
  CHECK(count<ops::LinearCrossEntropyGradients>(value) == 0);
  CHECK(count<ops::CrossEntropy>(value) == 0);
  CHECK(difference(interpret(value, x), interpret(plain<F>(), x)) < 1e-10);
  constexpr auto both = value_and_grad<0, 1, 2>(F);
  const Graph backward = fused<both>();
  CHECK(count<ops::LinearCrossEntropy>(backward) == 0);
  CHECK(count<ops::LinearCrossEntropyGradients>(backward) == 1);
  CHECK(count<ops::CrossEntropy>(backward) == 0);
  CHECK(count<ops::Softmax>(backward) == 0);
  CHECK(difference(interpret(backward, x), interpret(plain<both>(), x)) < 1e-10);
  CHECK(difference(interpret(fused<gradients<F>>(), x), interpret(plain<gradients<F>>(), x)) < 1e-10);
}

template <auto F>
void check_stays(const char* name) {
  INFO(name);
  const std::vector<Numbers> x = point<X, W, B, T, R>(5);
  CHECK(count<ops::LinearCrossEntropy>(fused<F>()) == 0);
  const Graph backward = fused<gradients<F>>();
  CHECK(count<ops::LinearCrossEntropy>(backward) == 0);
  CHECK(count<ops::LinearCrossEntropyGradients>(backward) == 0);
  CHECK(difference(interpret(backward, x), interpret(plain<gradients<F>>(), x)) < 1e-10);
}

/// The factor of the one node of gradients, which nothing else multiplies by a number then.
template <auto F>
double factor_of_gradients() {
  const Graph graph = fused<F>();
  const std::vector<Numbers> x = point<X, W, B, T, R>(5);
  CHECK(difference(interpret(graph, x), interpret(plain<F>(), x)) < 1e-10);
  std::vector<double> factors;
  for (const Node& node : graph.nodes()) {
    if (node.operation == &operation<ops::LinearCrossEntropyGradients>)
      factors.push_back(ops::LinearCrossEntropyGradients::factor(node.attributes));
  }
  REQUIRE(factors.size() == 1);
  return factors.front();
}

constexpr auto of_two_factors = [](auto x, auto w, auto b, auto t, auto r) {
  const auto [value, gradients] = value_and_grad<0, 1>(the_mean)(x, w, b, t, r);
  const auto& [dx, dw] = gradients;
  return std::tuple{value, 2 * dx, dw};
};
constexpr auto scaled_and_not = [](auto x, auto w, auto b, auto t, auto) {
  const auto total = [](auto left, auto right, auto bias, auto targets) {
    return sum(cross_entropy_rows(matmul(left, right) + bias, targets));
  };
  const auto [value, gradients] = value_and_grad<0, 1>(total)(x, w, b, t);
  const auto& [dx, dw] = gradients;
  return std::tuple{value, 2 * dx, dx, 2 * dw};
};
template <int Digits>
constexpr auto mean_of_loss_times_power_of_ten = [](auto x, auto w, auto b, auto t, auto) {
  return cross_entropy(matmul(x, w) + b, t) * (Digits < 0 ? 1e-30 : 1e30);
};

#define CHECK_FUSES(function) check_fuses<function>(#function)
#define CHECK_STAYS(function) check_stays<function>(#function)

}  // namespace

TEST_CASE("a linear layer and its cross-entropy are fused however they are written") {
  CHECK_FUSES(the_mean);
  CHECK_FUSES(bias_in_front);
  CHECK_FUSES(without_bias);
  CHECK_FUSES(of_rows);
  CHECK_FUSES(reshaped_between);
  CHECK_FUSES(the_sum);
  CHECK_FUSES(the_sum_by_division);
  CHECK_FUSES(transposed_weight);
  CHECK_FUSES(with_more_losses);
  CHECK_FUSES(in_a_nonlinear_loss);
  CHECK_FUSES(the_layer);
}

TEST_CASE("so they are where rows are weighted or left out") {
  CHECK_FUSES(reshaped_losses);
  CHECK_FUSES(weighted);
  CHECK_FUSES(weighted_without_bias);
  CHECK_FUSES(weighted_sum);
  CHECK_FUSES(weighted_from_the_right);
  CHECK_FUSES(targets_left_out);
  CHECK_FUSES(targets_left_out_of_weighted);
  std::printf("figure: ways of writing a linear cross-entropy that fuse: %d\n", ways);
}

TEST_CASE("where logits or losses are needed, or it is no linear cross-entropy, it is left as it is") {
  CHECK_STAYS(logits_too);
  CHECK_STAYS(products_too);
  CHECK_STAYS(losses_too);
  CHECK_STAYS(along_rows);
  CHECK_STAYS(nonlinear_logits);
  CHECK_STAYS(bias_of_rows);
  CHECK_STAYS(sums_of_rows);
  CHECK_STAYS(others_left_out);
  CHECK_STAYS(left_out_to_a_number);
  CHECK_STAYS(a_weight_for_each);
}

TEST_CASE("gradients of a mean are divided within their kernel, unless they are wanted undivided too") {
  CHECK(factor_of_gradients<value_and_grad<0, 1, 2>(the_mean)>() == 1.0 / 6);
  CHECK(factor_of_gradients<value_and_grad<1>(the_sum)>() == 0.5);
  CHECK(factor_of_gradients<value_and_grad<0, 1, 2>(with_more_losses)>() == 1.0 / 6);
  CHECK(factor_of_gradients<of_two_factors>() == 1);
  CHECK(factor_of_gradients<scaled_and_not>() == 1);
  CHECK(factor_of_gradients<value_and_grad<0, 1>(in_a_nonlinear_loss)>() == 1);
  CHECK(factor_of_gradients<value_and_grad<0, 1>(weighted_sum)>() == 1);
  CHECK(factor_of_gradients<value_and_grad<0, 1>(mean_of_loss_times_power_of_ten<-30>)>() == 1);
  CHECK(factor_of_gradients<value_and_grad<0, 1>(mean_of_loss_times_power_of_ten<30>)>() == 1);
}

TEST_CASE("few logits are left as they are, and all where the pass is left out") {
  constexpr auto small = value_and_grad<0, 1, 2>(the_mean);
  constexpr Optimize exactly{.large_logits = 30};
  constexpr Optimize one_more{.large_logits = 31};
  constexpr Optimize off{.linear_cross_entropy = false, .large_logits = 1};
  const auto fused_with = [&]<Optimize Passes>(std::integral_constant<Optimize, Passes>) {
    const Graph graph = runtime::Trace<optimize<Passes>(small), X, W, B, T, R>::make();
    return count<ops::LinearCrossEntropyGradients>(graph);
  };
  CHECK(fused_with(std::integral_constant<Optimize, Optimize{}>{}) == 0);
  CHECK(fused_with(std::integral_constant<Optimize, exactly>{}) == 1);
  CHECK(fused_with(std::integral_constant<Optimize, one_more>{}) == 0);
  CHECK(fused_with(std::integral_constant<Optimize, off>{}) == 0);
}

}  // namespace ctgrad::test
