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

/// What functions of a number and of a vector of numbers must know of either.
template <class X>
struct Side {
  using Number = X;
  using Bits = typename Format<X>::Bits;
  static constexpr X fused_of(X a, X b, X c) { return fused(a, b, c); }
  static constexpr bool is_nan_of(X x) { return is_nan(x); }
};
#if defined(__GNUC__)
template <class X>
  requires requires(X x) { x[0]; }
struct Side<X> {
  using Number = std::remove_cvref_t<decltype(X{}[0])>;
  static constexpr Size count = static_cast<Size>(sizeof(X) / sizeof(Number));
  using Bits = typename VectorOf<typename Format<Number>::Bits, count>::Type;
  CTGRAD_INLINE static X fused_of(X a, X b, X c) { return fused_lanes<Number, count>(a, b, c); }
  CTGRAD_INLINE static auto is_nan_of(X x) {
    using Signed = std::conditional_t<sizeof(Number) == 4, std::int32_t, std::int64_t>;
    constexpr Signed infinity = std::bit_cast<Signed>(std::numeric_limits<Number>::infinity());
    const auto bits = std::bit_cast<typename VectorOf<Signed, count>::Type>(x);
    return (bits & std::numeric_limits<Signed>::max()) > infinity;
  }
};
#endif
template <class X>
using NumberOf = typename Side<X>::Number;

/// A number as it is, or in every lane: less 0, which changes no number.
template <class X>
CTGRAD_INLINE constexpr X filled(NumberOf<X> number) {
  return number - X{};
}

template <class X>
CTGRAD_INLINE constexpr auto bits_of(X x) {
  return std::bit_cast<typename Side<X>::Bits>(x);
}

/// Whether a number is NaN, or which of several in a vector are: by their bits, since some options let clang
/// take any x != x for false.
template <class X>
CTGRAD_INLINE constexpr auto is_nan_of(X x) {
  return Side<X>::is_nan_of(x);
}

/// 2^n, n being the lowest bits; 0 for the n below that of the smallest normal number.
template <class X>
CTGRAD_INLINE constexpr X power_of_two(typename Side<X>::Bits n) {
  return std::bit_cast<X>((n << Format<NumberOf<X>>::fraction_bits) + Format<NumberOf<X>>::one);
}

/// first x^k + second x^(k-1) + ... + last: one chain of fused products and sums.
template <class X, class... Coefficients>
CTGRAD_INLINE constexpr X polynomial(X x, NumberOf<X> first, Coefficients... others) {
  X sum = filled<X>(first);
  ((sum = Side<X>::fused_of(sum, x, filled<X>(others))), ...);
  return sum;
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

}  // namespace ctgrad::kernels
