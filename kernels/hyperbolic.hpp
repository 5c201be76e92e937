#pragma once

#include <ctgrad/kernels/exp.hpp>

/// Hyperbolic functions and the logistic one, without a call or a branch. NaN stays NaN.
namespace ctgrad::kernels {

/// sinh(x), within 3 units of the last place; infinite beyond the largest number.
template <std::floating_point T>
CTGRAD_INLINE constexpr T sinh(T x) {
  constexpr T most = sizeof(T) == 4 ? T{89.5} : static_cast<T>(710.6);  // here the result is inf
  const T size = magnitude(x);
  const auto [shifted, n, rest] = binary_exponent(most < size ? most : size);
  const T p = expm1_of_rest(rest);
  const T power = power_of_two<T>(bits_of(shifted) - 2);  // a quarter of it: the whole one may be too large
  const bool is_small = n == 0;
  const T part = is_small ? p : fused(p, power, power - T{0.25});
  const T whole = fused(part, is_small ? T{1} : T{4}, T{1});  // exp(|x|), of which it is in the denominator
  return with_sign((is_small ? T{0.5} : T{2}) * (part + part / whole), x);
}

/// cosh(x), within 2 units of the last place; inf beyond the largest number.
template <std::floating_point T>
CTGRAD_INLINE constexpr T cosh(T x) {
  constexpr T most = sizeof(T) == 4 ? T{89.5} : static_cast<T>(710.6);
  const T size = magnitude(x);
  const auto [shifted, n, rest] = binary_exponent(most < size ? most : size);
  const T power = power_of_two<T>(bits_of(shifted) - 2);
  const T quarter = fused(expm1_of_rest(rest), power, power);
  return 2 * (quarter + T{0.0625} / quarter);
}

/// tanh(x), within 3 units of the last place.
template <std::floating_point T>
CTGRAD_INLINE constexpr T tanh(T x) {
  const T p = expm1_nonpositive(-2 * magnitude(x));
  return with_sign(-p / (2 + p), x);
}

/// 1 / (1 + exp(-x)), within 2.5 units of the last place; 0 where it is less than the smallest normal number.
template <std::floating_point T>
CTGRAD_INLINE constexpr T sigmoid(T x) {
  const T e = exp_nonpositive(-magnitude(x));
  return (x < 0 ? e : T{1}) / (1 + e);
}

}  // namespace ctgrad::kernels
