#pragma once

#include <ctgrad/base/numbers.hpp>
#include <ctgrad/kernels/lanes.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

/// What the functions of one number are made of: the bits of numbers, powers of two, polynomials. All of it
/// is without calls and branches, so that loops over it become vector code, and computes the same bits in
/// every lane of it.
namespace ctgrad::kernels {

/// How the bits of a number are shared out.
template <std::floating_point T>
struct Format {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static constexpr int fraction_bits = std::numeric_limits<T>::digits - 1;
  static constexpr Bits one = std::bit_cast<Bits>(T{1});

  /// Added to a small number it rounds that to a whole one, which the lowest bits of the sum then hold.
  static constexpr T rounder = static_cast<T>(3 * (Bits{1} << (fraction_bits - 1)));
};

template <std::floating_point T>
CTGRAD_INLINE constexpr auto bits_of(T x) {
  return std::bit_cast<typename Format<T>::Bits>(x);
}

/// 2^n, n being the lowest bits; 0 for the n below that of the smallest normal number.
template <std::floating_point T>
CTGRAD_INLINE constexpr T power_of_two(typename Format<T>::Bits n) {
  return std::bit_cast<T>((n << Format<T>::fraction_bits) + Format<T>::one);
}

/// first x^k + second x^(k-1) + ... + last: one chain of fused products and sums.
template <std::floating_point T, class... Coefficients>
CTGRAD_INLINE constexpr T polynomial(T x, T first, Coefficients... others) {
  T sum = first;
  ((sum = fused(sum, x, static_cast<T>(others))), ...);
  return sum;
}

}  // namespace ctgrad::kernels
