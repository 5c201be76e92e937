#pragma once

#include <ctgrad/kernels/exp.hpp>

/// Natural logarithms, without a call or a branch: -inf at the logarithm of 0, NaN below, and NaN stays NaN.
namespace ctgrad::kernels {

/// log(u + low), low being less than a unit of the last place of u: within 1 of the result's if it is 0.
/// With u = 2^k (1 + f), 1 + f between the roots of 1/2 and 2, and s = f / (2 + f), log(1 + f) is twice
/// atanh(s), of which the terms behind s are a polynomial. Source: FreeBSD's msun, e_log.c, by Sun
/// Microsystems, 1993.
template <std::floating_point T>
CTGRAD_INLINE constexpr T log_of_sum(T u, T low) {
  using Bits = typename Format<T>::Bits;
  constexpr int shift = Format<T>::fraction_bits;
  constexpr T to_normal = 2 / std::numeric_limits<T>::epsilon();
  constexpr Bits from_root = Format<T>::one - bits_of(static_cast<T>(0x1.6a09e667f3bcdp-1));
  constexpr T whole = 1 / std::numeric_limits<T>::epsilon();  // a whole number's bits, added to its own
  constexpr T bias = std::numeric_limits<T>::max_exponent - 1;

  const bool is_small = u < std::numeric_limits<T>::min();
  const T normal = is_small ? u * to_normal : u;
  const Bits exponent = (bits_of(normal) + from_root) >> shift;
  const T k =
      std::bit_cast<T>(exponent | bits_of(whole)) - (is_small ? whole + (bias + shift + 1) : whole + bias);
  const T f = std::bit_cast<T>(bits_of(normal) - (exponent << shift) + Format<T>::one) - 1;
  const T s = f / (2 + f);
  const T z = s * s;
  T terms;
  if constexpr (sizeof(T) == 4) {
    terms = z * polynomial(z, 0x1.31c4eep-2F, 0x1.996034p-2F, 0x1.555578p-1F);
  } else {
    terms = z * polynomial(z, 0x1.2ebdc629bf3d4p-3, 0x1.39a9cc0ec8b98p-3, 0x1.7465e32e2b583p-3,
                           0x1.c71c541119e8bp-3, 0x1.2492493ef9196p-2, 0x1.9999999983fdbp-2,
                           0x1.5555555555582p-1);
  }
  const T half_square = T{0.5} * f * f;
  const T lower = fused(s, half_square + terms, fused(k, log_2_low<T>, low));
  const T sum = fused(k, log_2_high<T>, f - (half_square - lower));
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const T finite = u < infinity ? sum : u;
  return u > 0 ? finite : u == 0 ? -infinity : std::numeric_limits<T>::quiet_NaN();
}

/// log(x), within 1 unit of the last place.
template <std::floating_point T>
CTGRAD_INLINE constexpr T log(T x) {
  return log_of_sum(x, T{0});
}

/// log(1 + x), within 2 units of the last place, with the sign of x where it is 0.
template <std::floating_point T>
CTGRAD_INLINE constexpr T log1p(T x) {
  const T u = 1 + x;
  const T added = u - 1;
  const T lost = (1 - (u - added)) + (x - added);
  const T result = log_of_sum(u, lost / u);
  return x == 0 ? x : result;
}

/// log(1 - exp(-x)), within 3 units of the last place; -inf at 0, NaN below. Source: Maechler, "Accurately
/// computing log(1 - exp(-|a|))", 2012.
template <std::floating_point T>
CTGRAD_INLINE constexpr T log1mexp(T x) {
  const bool is_small = x < static_cast<T>(0x1.62e42fefa39efp-1);
  const T e = exp(-x);
  const T u = is_small ? -expm1(-x) : 1 - e;
  return log_of_sum(u, is_small ? T{0} : ((1 - u) - e) / u);
}

/// log(1 + exp(x)), within 3 units of the last place: x far out, and 0 where it is less than the smallest
/// normal number.
template <std::floating_point T>
CTGRAD_INLINE constexpr T softplus(T x) {
  return (x > 0 ? x : T{0}) + log1p(exp_nonpositive(-magnitude(x)));
}

}  // namespace ctgrad::kernels
