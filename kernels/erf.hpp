#pragma once

#include <ctgrad/kernels/exp.hpp>

/// The error function, its complement, and the normal distribution's cumulative function, without a call or a
/// branch. NaN stays NaN.
namespace ctgrad::kernels {

/// factor erfc(y) for y >= 0, with square + lost = y^2. exp(y^2) erfc(y) is t = c / (c + y) times a
/// polynomial in 2 t - 1: in float within 1.2e-8, in double within 1.1e-16 for y up to 10.25 and 27.5.
template <std::floating_point T>
CTGRAD_INLINE constexpr T erfc_of_square(T y, T square, T lost, T factor) {
  constexpr T c = sizeof(T) == 4 ? 3 : 4;
  const T sum = c + y;
  const T t = c / sum;
  const T rest =
      fused(-t, y - (sum - c), fused(-t, sum, c));  // c - t (c + y), as if nothing had been rounded
  const T q = fused(t, rest * (2 / c), 2 * t - 1);
  T p;
  if constexpr (sizeof(T) == 4) {
    p = polynomial(q, 0x1.c66b6p-14F, -0x1.5159dcp-13F, -0x1.0d2c9cp-10F, -0x1.acc69ep-12F, 0x1.2529ecp-7F,
                   0x1.4664eap-5F, 0x1.a7e3bap-4F, 0x1.92eddep-3F, 0x1.2d883p-2F, 0x1.6e9828p-2F);
  } else {
    p = polynomial(q, 0x1.793cff0fc47aep-31, -0x1.d98f033f4fc0fp-29, -0x1.4a021655e3dbdp-29,
                   0x1.0abd76589a21dp-25, 0x1.755d1394c7c9dp-26, -0x1.c779e344c1cdep-23,
                   -0x1.808e73639cb51p-22, 0x1.3b303cd41c83cp-20, 0x1.3c7f5ac6ca04bp-18,
                   -0x1.e80e501441013p-21, -0x1.72ce4359a3f2ap-15, -0x1.dd28304318ce2p-14,
                   0x1.269b60c138213p-14, 0x1.908f46eca997ep-10, 0x1.b00c05257518fp-8, 0x1.38dbd2c93494dp-6,
                   0x1.645fd8a4ca1f7p-5, 0x1.52cac2370f251p-4, 0x1.14eacb1ad0185p-3, 0x1.8be202d26c726p-3,
                   0x1.f3fe31ecb49c3p-3, 0x1.18932bf08e154p-2);
  }
  const auto [shifted, n, exponent] = binary_exponent(-square);
  return scaled_exp(expm1_of_rest(exponent - lost), shifted, n, factor * (t * p));
}

/// factor erfc(y) for y >= 0; it is 0 from `most` on.
template <std::floating_point T>
CTGRAD_INLINE constexpr T erfc_of_nonnegative(T y) {
  constexpr T most = sizeof(T) == 4 ? T{10.25} : T{27.5};
  const T bounded = most < y ? most : y;
  const T square = bounded * bounded;
  return erfc_of_square(bounded, square, lost_of_square(bounded, square), T{1});
}

/// erfc(x) = 1 - erf(x), within 4 units of the last place, also below the smallest normal number.
template <std::floating_point T>
CTGRAD_INLINE constexpr T erfc(T x) {
  const T of_size = erfc_of_nonnegative(magnitude(x));
  return x < 0 ? 2 - of_size : of_size;
}

/// erf(x), within 3 units of the last place.
template <std::floating_point T>
CTGRAD_INLINE constexpr T erf(T x) {
  const T z = x * x;
  T p;
  if constexpr (sizeof(T) == 4) {
    p = polynomial(z, 0x1.353686p-8F, -0x1.b666fep-6F, 0x1.ce253ep-4F, -0x1.812734p-2F, 0x1.06eba8p-3F);
  } else {
    p = polynomial(z, 0x1.8a10a41d7e9c6p-20, -0x1.f1f1917ad991ep-17, 0x1.f98a7edb8e508p-14,
                   -0x1.c02d35dc2f03ep-11, 0x1.565bcb8b7f811p-8, -0x1.b82ce30d388b7p-6, 0x1.ce2f21a0390fbp-4,
                   -0x1.812746b03796fp-2, 0x1.06eba8214db68p-3);
  }
  const T size = magnitude(x);
  const T large = with_sign(1 - erfc_of_nonnegative(size), x);
  return size < T{0.5} ? fused(x, p, x) : large;
}

/// The normal distribution's cumulative function, erfc(-x / sqrt(2)) / 2: within 4 units of the last place,
/// also below the smallest normal number, since x^2 / 2 is rounded nowhere.
template <std::floating_point T>
CTGRAD_INLINE constexpr T normal_cumulative(T x) {
  constexpr T most = sizeof(T) == 4 ? T{14.5} : T{38.75};
  const T size = magnitude(x);
  const T bounded = most < size ? most : size;
  const T square = bounded * bounded;
  const T half_lost = T{0.5} * lost_of_square(bounded, square);
  const T tail =
      erfc_of_square(bounded * static_cast<T>(0x1.6a09e667f3bcdp-1), T{0.5} * square, half_lost, T{0.5});
  return x < 0 ? tail : 1 - tail;
}

}  // namespace ctgrad::kernels
