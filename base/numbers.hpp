#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

// What options of the compiler take for granted, and this library must not. They are refused where they can
// be told; clang names few of them, so from here on it does arithmetic as written, whatever it was asked for.
// The first of its pragmas has it fuse products and sums again, which the second forbids.
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0)
#error \
    "ctgrad refuses -ffast-math and -ffinite-math-only: they delete the handling of infinities and NaN that masks and losses rely on"
#elif defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error \
    "ctgrad refuses -funsafe-math-optimizations, -fassociative-math, -freciprocal-math and -fno-signed-zeros: they change the order and the rounding of sums and quotients"
#endif

#if defined(__clang__)
#pragma float_control(precise, on)
#pragma clang fp contract(off)
#endif

/// Questions about numbers that are answered by their bits: no option of the compiler answers them
/// beforehand.
namespace ctgrad {

namespace number_bits {

template <std::floating_point Scalar>
constexpr auto magnitude_bits(Scalar number) {
  static_assert(std::numeric_limits<Scalar>::is_iec559 && (sizeof(Scalar) == 4 || sizeof(Scalar) == 8));
  using Bits = std::conditional_t<sizeof(Scalar) == 4, std::int32_t, std::int64_t>;
  return std::bit_cast<Bits>(number) & std::numeric_limits<Bits>::max();
}

/// Magnitudes are ordered as their bits are, NaN behind infinity.
template <std::floating_point Scalar>
inline constexpr auto infinity_bits = magnitude_bits(std::numeric_limits<Scalar>::infinity());

}  // namespace number_bits

template <std::floating_point Scalar>
constexpr bool is_finite(Scalar number) {
  return number_bits::magnitude_bits(number) < number_bits::infinity_bits<Scalar>;
}

template <std::floating_point Scalar>
constexpr bool is_nan(Scalar number) {
  return number_bits::magnitude_bits(number) > number_bits::infinity_bits<Scalar>;
}

}  // namespace ctgrad
