#pragma once

#include <ctgrad/ctgrad.hpp>

/// Functions that work along rows, for tests of calls that compute them as one.
namespace ctgrad::test::row_functions {

inline constexpr auto normed = [](auto x, auto scale, auto shift) { return layer_norm(x, scale, shift); };
inline constexpr auto normed_sum = [](auto x, auto y, auto scale, auto shift) {
  return layer_norm(x + y, scale, shift) * y;
};
inline constexpr auto scaled_softmax = [](auto x, auto v) { return matmul(softmax(x * 0.5), v); };
inline constexpr auto masked_softmax = [](auto x, auto m, auto v) {
  return matmul(softmax(select(m > 0, x * 0.5, -1e9)), v);
};
inline constexpr auto log_of_sum = [](auto x, auto y) { return log(sum<-1>(exp(x * y), keep)); };

/// Three phases: the largest, the sum of exponentials, the quotients.
inline constexpr auto softmax_by_hand = [](auto x) {
  const auto e = exp(x - max<-1>(x, keep));
  return e / sum<-1>(e, keep);
};
inline constexpr auto by_the_row_sum = [](auto x) {
  const auto total = sum<-1>(x, keep);
  return select(total > 0, tanh(x), exp(x) * total);
};
inline constexpr auto centred = [](auto x) {
  const auto c = x - 0.25 * sum<-1>(x, keep);
  return c / sqrt(sum<-1>(c * c, keep) + 1);
};
inline constexpr auto column_sums = [](auto x, auto y) { return sum<0>(tanh(x) * y, keep); };
inline constexpr auto kept_exponentials = [](auto x, auto w) {
  const auto e = exp(x);
  return matmul(e / sum<-1>(e, keep), w) + matmul(e, w);
};

/// Every row of b is added to three rows of x: there is no one stride from row to row.
inline constexpr auto without_a_row_stride = [](auto x, auto b) { return softmax(x + reshape<2, 1, 4>(b)); };
inline constexpr auto beside_a_product = [](auto x, auto w, auto z) {
  return matmul(x, w) * sum<-1>(exp(z), keep);
};

/// A number made of all that a function gives.
template <auto Function>
constexpr auto cubed = [](auto... x) {
  const auto y = Function(x...);
  return sum(y * y * y);
};

}  // namespace ctgrad::test::row_functions
