#pragma once

#include <string>
#include <vector>

/// What operations.md shows, in its order: groups of public functions, each with an example that the tests
/// compile.
namespace documentation {

struct Section {
  std::string title;
  std::vector<std::string> names;
  std::string example;
  std::string note = {};  ///< what follows the example
};

inline const std::vector<Section> sections = {
    {"Arithmetic",
     {"operator+", "operator-", "operator*", "operator/", "mul_no_nan", "maximum", "minimum", "clip", "abs",
      "square", "pow", "sqrt", "rsqrt"},
     R"(void arithmetic(cg::Tensor<2, 3> x, cg::Tensor<3> v) {
  cg::Tensor<2, 3> sums = x + v, differences = 1 - x, products = -x * v, quotients = x / v;
  cg::Tensor<2, 3> finite = cg::mul_no_nan(x, v);
  cg::Tensor<2, 3> larger = cg::maximum(x, v), smaller = cg::minimum(x, v), inside = cg::clip(x, -1, 1);
  cg::Tensor<3> powers = cg::abs(v) + cg::square(v) + cg::pow(v, 1.5) + cg::pow(v, v) + cg::sqrt(v) + cg::rsqrt(v);
}
)"},
    {"Constants",
     {"constant", "zeros", "ones", "iota", "iota_along", "beside"},
     R"(constexpr std::array<std::array<float, 3>, 2> weights{{{1, 2, 3}, {4, 5, 6}}};
constexpr std::array<int, 3> order{2, 0, 1};
constexpr auto constants = [](cg::Tensor<2, 3> x) {
  cg::Tensor<2, 3> weighted = x * cg::constant<weights>(), less_a_half = x - cg::constant<2, 3>(0.5);
  cg::Tensor<2, 3> others = cg::select(x > cg::zeros<3>(), cg::ones<2, 3>(), x);
  cg::Index<3> ids = cg::constant<order>();
  cg::Mask<3> first_two = cg::beside(x, cg::iota<3>()) < 2;
  cg::Mask<3, 3> causal = cg::beside(x, cg::iota_along<1, 3, 3>()) <= cg::iota_along<0, 3, 3>();
};
)"},
    {"Functions of every element",
     {"exp", "expm1", "log", "log1p", "log1mexp", "sin", "cos", "asin", "acos", "atan", "atan2", "sinh",
      "cosh", "tanh", "erf", "erfc"},
     R"(void functions(cg::Tensor<2, 3> x) {
  cg::Tensor<2, 3> growth = cg::exp(x) + cg::expm1(x) + cg::log(x) + cg::log1p(x) + cg::log1mexp(x);
  cg::Tensor<2, 3> waves = cg::sin(x) + cg::cos(x), bounded = cg::tanh(x) + cg::erf(x) + cg::erfc(x);
  cg::Tensor<2, 3> angles = cg::asin(x) + cg::acos(x) + cg::atan(x) + cg::atan2(x, 2);
  cg::Tensor<2, 3> hyperbolic = cg::sinh(x) + cg::cosh(x);
}
)",
     R"(
Say `cg::exp(x)`, not `std::exp(x)`: the standard library's functions take numbers and know no tensors, and a compiler lists all of
them in its error.
)"},
    {"Activations",
     {"relu", "gelu", "silu", "sigmoid", "softplus"},
     R"(void activations(cg::Tensor<2, 3> x) {
  cg::Tensor<2, 3> y = cg::relu(x) + cg::gelu(x) + cg::gelu(x, cg::GeluForm::tanh) + cg::silu(x);
  cg::Tensor<2, 3> z = cg::sigmoid(x) + cg::softplus(x);
}
)"},
    {"Comparisons and masks",
     {"operator<", "operator<=", "operator>", "operator>=", "operator==", "operator!=", "operator&",
      "operator|", "operator!", "select", "as_real"},
     R"(void masks(cg::Tensor<2, 3> x, cg::Tensor<3> v, cg::Index<2> ids) {
  cg::Mask<2, 3> above = x > v, between = (x >= 0) & (x < 1), outside = (!between) | (x <= v) | (x == 2) | (x != v);
  cg::Tensor<2, 3> chosen = cg::select(x > 0, cg::log(x), 0);
  cg::Tensor<2> numbers = cg::as_real(ids);
}
)"},
    {"Reductions and rows",
     {"sum", "mean", "max", "norm", "softmax", "log_softmax", "log_sum_exp", "normalize", "layer_norm"},
     R"(void rows(cg::Tensor<2, 3> x, cg::Tensor<3> v) {
  cg::Tensor<> all = cg::sum(x);
  cg::Tensor<2> of_rows = cg::sum<-1>(x) + cg::mean<-1>(x) + cg::max<-1>(x) + cg::log_sum_exp(x);
  cg::Tensor<2> lengths = cg::norm<-1>(x);
  cg::Tensor<2, 1> kept = cg::sum<-1>(x, cg::keep);
  cg::Tensor<2, 3> weights = cg::softmax(x) + cg::log_softmax(x) + cg::normalize(x) + cg::layer_norm(x, v, v, 1e-5);
}
)"},
    {"Matrices and attention",
     {"matmul", "einsum", "tril", "triu", "diag", "attention", "attention_weights"},
     R"(void matrices(cg::Tensor<8, 5, 4> x, cg::Tensor<4, 3> weight) {
  cg::Tensor<8, 5, 3> product = cg::matmul(x, weight), again = cg::einsum<"bij,jk->bik">(x, weight);
  cg::Tensor<4, 3> lower = cg::tril(weight), strictly_upper = cg::triu<1>(weight);
  cg::Tensor<3> on_the_diagonal = cg::diag(weight);
  cg::Tensor<8, 5, 5> weights = cg::attention_weights(x, x);
  cg::Tensor<8, 5, 4> mixed = cg::attention(x, x, x), looking_back = cg::attention(x, x, x, cg::nn::causal_mask(x));
}
)"},
    {"Layout",
     {"reshape", "broadcast", "permute", "transpose", "slice", "pad", "concatenate", "ravel", "unravel"},
     R"(void layout(cg::Tensor<2, 3> x, cg::nn::Linear<3, 2> layer) {
  cg::Tensor<6> flat = cg::reshape<6>(x);
  cg::Tensor<4, 2, 3> repeated = cg::broadcast<4, 2, 3>(x);
  cg::Tensor<3, 2> turned = cg::transpose(x), permuted = cg::permute<1, 0>(x);
  cg::Tensor<2, 2> part = cg::slice<1, 0, 2>(x);
  cg::Tensor<2, 6> padded = cg::pad<1, 1, 2>(x);
  cg::Tensor<4, 3> joined = cg::concatenate<0>(x, x);
  cg::Tensor<8> numbers = cg::ravel(layer);
  auto again = cg::unravel<cg::nn::Linear<3, 2>>(numbers);
}
)"},
    {"Ids and losses",
     {"embedding", "scatter_add", "pick", "cross_entropy", "cross_entropy_rows", "mse",
      "binary_cross_entropy", "binary_cross_entropies", "weighted_mean"},
     R"(void ids(cg::Tensor<2, 3> logits, cg::Tensor<9, 4> table, cg::Index<2> ids, cg::Tensor<2> weights) {
  cg::Tensor<2, 4> looked_up = cg::embedding(table, ids);
  cg::Tensor<9, 4> added = cg::scatter_add<9, 4>(looked_up, ids);
  cg::Tensor<2> picked = cg::pick(logits, ids), losses = cg::cross_entropy_rows(logits, ids);
  cg::Tensor<> loss = cg::cross_entropy(logits, ids), weighted = cg::cross_entropy(logits, ids, weights);
  cg::Tensor<> smoothed = cg::cross_entropy(logits, ids, cg::LabelSmoothing{0.1});
  cg::Tensor<> squares = cg::mse(logits, cg::softmax(logits));
  cg::Tensor<> yes_or_no = cg::binary_cross_entropy(cg::mean<-1>(logits), cg::as_real(ids));
  cg::Tensor<2> of_each = cg::binary_cross_entropies(cg::mean<-1>(logits), cg::as_real(ids));
  cg::WeightedMean of_some = cg::weighted_mean(of_each, weights);
}
)"},
    {"Randomness",
     {"fold_in", "dropout", "keep_mask"},
     R"(void randomness(cg::Tensor<8, 4> x, cg::Key key) {
  cg::Tensor<8, 4> dropped = cg::dropout<cg::Rate{0.1}>(x, cg::fold_in(key, 0));
  cg::Mask<8, 4> kept = cg::keep_mask<8, 4>(0.1, cg::fold_in(key, 1));
}
)",
     R"(
Outside of programs, `Random` gives numbers and `random_key` keys (both are in `<ctgrad/ctgrad.hpp>`). Equal seeds give equal bits
with every compiler and standard library.

| call | what it gives |
|---|---|
| `Random{Seed{1}, stream}` | A stream of random numbers, one of the 2^64 of its seed, from its beginning on; stream 0 if none is said. Streams of a seed are independent. `Parameters{seed}` draw from streams 0, 1, 2 and so on, one for each parameter: take a large number for data of the same seed. |
| `random.uniform()` | A double, uniform in [0, 1). |
| `random.normal()` | A double, normal, of mean 0 and standard deviation 1. |
| `random.below(n)` | An integer, uniform in {0, ..., n-1}; n is at least 1 and below 2^32. |
| `random.bits()` | 32 random bits. |
| `random.at(position)`, `random.position()`, `random.skip(words)` | Word number `position` of the stream; how many were drawn; passes over some. |
| `random_key(seed, step)` | What a program takes for a `Key`: another one for every step, which is below 2^32. A shard of a batch adds a third argument, the number of its first sample. |

```cpp
constexpr auto noisy = [](cg::Tensor<8, 4> x, cg::Key key) { return cg::dropout<cg::Rate{0.1}>(x, key); };
void draw(cg::Program<noisy, cg::Tensor<8, 4>, cg::Key>& program, xt::xtensor<float, 2>& x) {
  cg::Random random{cg::Seed{1}, 1000};
  for (float& number : x) number = static_cast<float>(random.uniform() < 0.5 ? random.normal() : random.below(6));
  for (std::uint64_t step = 0; step < 10; ++step) program(x, cg::random_key(cg::Seed{1}, step));
}
```
)"},
    {"Transforms",
     {"grad", "value_and_grad", "vjp", "jvp", "hvp", "jacobian", "hessian", "vmap", "linearize",
      "stop_gradient", "recompute", "custom_tangent", "custom_backward", "optimize", "mixed"},
     R"(constexpr auto f = [](auto x) { return cg::sum(cg::tanh(x) * x); };
constexpr auto transforms = [](cg::Tensor<3> x) {
  cg::Tensor<3> slopes = cg::grad(f)(x), along_itself = cg::hvp(f)(x, x);
  cg::Tensor<3, 3> curvature = cg::hessian(f)(x), of_slopes = cg::jacobian(cg::grad(f))(x);
  const auto [value, gradient] = cg::value_and_grad(f)(x);
  const auto [same, cotangent] = cg::vjp(f)(x, value);
  const auto [again, tangent] = cg::jvp(f)(x, x);
  const auto [once, derivative] = cg::linearize(f, x);
  cg::Tensor<3> constant = cg::stop_gradient(x), recomputed = cg::grad(cg::recompute(f))(x);
};
cg::Program<cg::vmap(cg::grad(f)), cg::Tensor<10, 3>> gradients_of_ten;
cg::Program<cg::optimize<cg::no_passes>(f), cg::Tensor<3>> as_traced;
cg::Program<cg::mixed(f), cg::Tensor<3>> with_large_arrays_in_bf16;
constexpr auto softplus = cg::custom_tangent([](auto x) { return cg::log(1 + cg::exp(x)); },
                                             [](auto, auto x, auto dx) { return cg::sigmoid(x) * dx; });
constexpr auto clipped = cg::custom_backward([](auto x) { return x; },
                                             [](auto, auto, auto u) { return cg::clip(u, -1, 1); });
)"}};

/// Public functions that operations.md leaves out: parts of others.
inline const std::vector<std::string> left_out = {"reshape_to", "without_ignored", "graph_of", "literal"};

}  // namespace documentation
