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

/// |x|
template <std::floating_point T>
CTGRAD_INLINE constexpr T magnitude(T x) {
  return std::bit_cast<T>(bits_of(x) & (~typename Format<T>::Bits{0} >> 1));
}

/// A magnitude with the sign of x.
template <std::floating_point T>
CTGRAD_INLINE constexpr T with_sign(T magnitude, T x) {
  constexpr auto sign = ~(~typename Format<T>::Bits{0} >> 1);
  return std::bit_cast<T>(bits_of(magnitude) | (bits_of(x) & sign));
}

/// log(2) in two parts, of which the first times a small whole number is exact.
template <std::floating_point T>
inline constexpr T log_2_high = static_cast<T>(sizeof(T) == 4 ? 0x1.62e4p-1 : 0x1.62e42feep-1);
template <std::floating_point T>
inline constexpr T log_2_low = static_cast<T>(sizeof(T) == 4 ? 0x1.7f7d1cp-20 : 0x1.a39ef35793c76p-33);

/// What is lost where x x is rounded to `square`. Source, for processors without fused products: Dekker, "A
/// floating-point technique for extending the available precision", 1971.
template <std::floating_point T>
CTGRAD_INLINE constexpr T lost_of_square(T x, T square) {
  if constexpr (has_fused) {
    return fused(x, x, -square);
  } else {
    constexpr auto half_bits = (Format<T>::fraction_bits + 2) / 2;
    const T high = std::bit_cast<T>(bits_of(x) & (~typename Format<T>::Bits{0} << half_bits));
    const T low = x - high;
    return ((high * high - square) + 2 * high * low) + low * low;
  }
}

/// first x^k + second x^(k-1) + ... + last: one chain of fused products and sums.
template <std::floating_point T, class... Coefficients>
CTGRAD_INLINE constexpr T polynomial(T x, T first, Coefficients... others) {
  T sum = first;
  ((sum = fused(sum, x, static_cast<T>(others))), ...);
  return sum;
}

}  // namespace ctgrad::kernels
