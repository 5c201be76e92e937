#pragma once

#include <ctgrad/ops/arithmetic.hpp>
#include <ctgrad/ops/keep_mask.hpp>
#include <ctgrad/ops/select.hpp>

namespace ctgrad {

/// The share of elements that dropout drops, as a template argument.
struct Rate {
  double value = 0.1;
};

namespace ops {

/// Says whether a rate is a probability.
template <Rate R>
struct rate {
  static constexpr bool lies_between_0_and_1 = R.value >= 0 && R.value <= 1;
};

/// x / (1 - rate) where a random mask says so, 0 elsewhere.
constexpr Value dropout(Value x, double rate, Value key) {
  require_rate("dropout", rate);
  if (rate == 0) return x;
  if (rate == 1) return zeros_like(x);
  return select(keep_mask(key, rate, x.shape()), x * (1 / (1 - rate)), {});
}

}  // namespace ops

/// Every element 0 with probability `rate`, or else divided by 1 - rate: the mean stays. The mask follows
/// from the key alone (see `keep_mask`), so the backward has the same. Rate 0 is x itself, rate 1 zeros.
/// Throws std::invalid_argument, in a constant expression an error, where the rate is NaN or outside [0, 1].
/// Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15,
/// 2014.
template <Size... D>
constexpr Tensor<D...> dropout(const Tensor<D...>& x, double rate, const Key& key) {
  Graph& graph = graph_of(x, key);
  return Tensor<D...>{ops::dropout(x.in(graph), rate, key.in(graph))};
}
template <Rate R, Size... D>
constexpr auto dropout(const Tensor<D...>& x, const Key& key) {
  static_assert(ops::rate<R>::lies_between_0_and_1, "dropout: the rate is not in [0, 1]");
  return dropout(x, R.value, key);
}

/// Not for use: say why dropout(x, 0.1, 7) is an error.
template <Size... D, class Other>
  requires(!std::same_as<Other, Key>)
constexpr auto dropout(const Tensor<D...>& x, double, const Other&) {
  static_assert(ops::key<Other>::is_a_key,
                "dropout: its random numbers come from a Key, which is an argument of the program: "
                "random_key(seed, step)");
  return x;
}
template <Rate R, Size... D, class Other>
  requires(!std::same_as<Other, Key>)
constexpr auto dropout(const Tensor<D...>& x, const Other& other) {
  return dropout(x, R.value, other);
}

}  // namespace ctgrad
