#pragma once

#include <ctgrad/kernels/parts.hpp>

/// e to the power x, and that less 1, without a call or a branch, so that loops over them become vector code.
namespace ctgrad::kernels {

/// x = n log(2) + rest with a whole n and |rest| at most half of log(2); X is a number or a vector of
/// numbers.
template <class X>
struct BinaryExponent {
  X shifted;  ///< n + Format::rounder
  X n;
  X rest;
};

template <class X>
CTGRAD_INLINE constexpr BinaryExponent<X> binary_exponent(X x) {
  using T = NumberOf<X>;
  const X rounder = filled<X>(Format<T>::rounder);
  const X shifted = Side<X>::fused_of(x, filled<X>(static_cast<T>(0x1.71547652b82fep+0)), rounder);
  const X n = shifted - rounder;
  const X high = Side<X>::fused_of(n, filled<X>(-log_2_high<T>), x);
  return {shifted, n, Side<X>::fused_of(n, filled<X>(-log_2_low<T>), high)};
}

/// exp(r) - 1 for |r| of at most half of log(2): within 1.4e-8 of it in float, 3.5e-18 in double.
template <class X>
CTGRAD_INLINE constexpr X expm1_of_rest(X r) {
  X p;
  if constexpr (sizeof(NumberOf<X>) == 4) {
    p = polynomial(r, 0x1.6cd554p-10F, 0x1.122c4ep-7F, 0x1.555538p-5F, 0x1.5554aap-3F, 0.5F);
  } else {
    p = polynomial(r, 0x1.200aa0082904ep-29, 0x1.af5c35b823655p-26, 0x1.27e4a8a495579p-22,
                   0x1.71ddf8d5b5755p-19, 0x1.a01a01ae7a5ccp-16, 0x1.a01a01afeebfdp-13, 0x1.6c16c16c1599ep-10,
                   0x1.111111110f65fp-7, 0x1.5555555555556p-5, 0x1.5555555555559p-3, 0.5);
  }
  return Side<X>::fused_of(p, r * r, r);
}

/// (1 + p) 2^n times a factor, rounded once where it is below the smallest normal number: by the second of
/// two powers of two.
template <std::floating_point T, class... Factor>
CTGRAD_INLINE constexpr T scaled_exp(T p, T shifted, T n, Factor... factor) {
  const T half = fused(n, T{0.5}, Format<T>::rounder);
  const T first = power_of_two<T>(bits_of(half));
  const T second = power_of_two<T>(bits_of(shifted) - bits_of(half));
  return (fused(p, first, first) * ... * factor) * second;
}

/// exp(x), within 1.1 units of the last place, also of results below the smallest normal number; inf beyond
/// the largest number. NaN stays NaN.
template <std::floating_point T>
CTGRAD_INLINE constexpr T exp(T x) {
  constexpr T least = sizeof(T) == 4 ? T{-104} : T{-746};  // below, the result is 0
  constexpr T most = sizeof(T) == 4 ? T{89} : T{710};      // above, it is inf
  const T bounded = least > x ? least : most < x ? most : x;
  const auto [shifted, n, rest] = binary_exponent(bounded);
  return scaled_exp(expm1_of_rest(rest), shifted, n);
}

/// exp(x) for x of at most 0, or a little more, within 1.1 units of the last place, in fewer instructions: 0
/// below -87.7 in float, below -708.8 in double, where exp(x) is less than the smallest normal number. NaN
/// stays NaN.
template <class X>
CTGRAD_INLINE constexpr X exp_nonpositive(X x) {
  const X least = filled<X>(sizeof(NumberOf<X>) == 4 ? -88 : -709);  // here the power of two is 0
  const auto [shifted, n, rest] = binary_exponent<X>(least > x ? least : x);
  const X power = power_of_two<X>(bits_of(shifted));
  return Side<X>::fused_of(expm1_of_rest(rest), power, power);
}

/// exp(x) in every lane.
template <class T, Size Count>
CTGRAD_INLINE Lanes<T, Count> exp_nonpositive(const Lanes<T, Count>& x) {
#if defined(__GNUC__)
  return {exp_nonpositive(x.values)};
#else
  Lanes<T, Count> result = x;
  for (T& number : result.values) number = exp_nonpositive(number);
  return result;
#endif
}

/// exp(x) - 1, within 2 units of the last place, with the sign of x where it is 0. NaN stays NaN.
template <std::floating_point T>
CTGRAD_INLINE constexpr T expm1(T x) {
  constexpr T least = -40;  // below, the result is -1
  constexpr T most = sizeof(T) == 4 ? T{89} : T{710};
  const auto [shifted, n, rest] = binary_exponent(least > x ? least : most < x ? most : x);
  const T p = expm1_of_rest(rest);
  const T power = power_of_two<T>(bits_of(shifted) - 1);  // half of it: the whole one may be too large
  const T half = fused(p, power, power - T{0.5});
  return n == 0 ? p : half + half;
}

/// exp(x) - 1 for x of at most 0, within 2 units of the last place, in fewer instructions.
template <std::floating_point T>
CTGRAD_INLINE constexpr T expm1_nonpositive(T x) {
  constexpr T least = -40;
  const auto [shifted, n, rest] = binary_exponent(least > x ? least : x);
  const T p = expm1_of_rest(rest);
  const T power = power_of_two<T>(bits_of(shifted));
  return n == 0 ? p : fused(p, power, power - 1);
}

}  // namespace ctgrad::kernels
