#pragma once

#include <ctgrad/base/numbers.hpp>

#include <bit>
#include <cstdint>
#include <limits>

/// e to the power x without a call or a branch, so that loops over it become vector code.
namespace ctgrad::kernels {

/// exp(x) of a float: x = n log 2 + r, a polynomial in r of at most half of log 2, times 2^n in two factors
/// so that results below the smallest normal number come out right. Within 1.1 ulp of the truth.
inline float exp(float x) {
  constexpr float low = -104.0F;  // below, the result is 0
  constexpr float high = 89.0F;   // above, it is inf
  constexpr float rounder = 0x1.8p23F;
  const float bounded = x < low ? low : x > high ? high : x;  // NaN stays
  const float shifted = bounded * 0x1.715476p+0F + rounder;
  const float n = shifted - rounder;
  const float r = (bounded - n * 0x1.62e4p-1F) - n * 0x1.7f7d1cp-20F;
  float p = 0x1.a01a02p-13F;
  p = p * r + 0x1.6c16c2p-10F;
  p = p * r + 0x1.111112p-7F;
  p = p * r + 0x1.555556p-5F;
  p = p * r + 0x1.555556p-3F;
  p = p * r + 0.5F;
  p = p * r * r + r;
  const std::int32_t power = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(rounder);
  const std::int32_t half = power >> 1;
  const float first = std::bit_cast<float>((half + 127) << 23);
  const float second = std::bit_cast<float>((power - half + 127) << 23);
  return (p * first + first) * second;
}

/// exp(x) of a double: x = n log 2 + r as for a float, with a polynomial in r of higher degree.
inline double exp(double x) {
  constexpr double low = -746.0;
  constexpr double high = 710.0;
  constexpr double rounder = 0x1.8p52;
  const double bounded = x < low ? low : x > high ? high : x;
  const double shifted = bounded * 0x1.71547652b82fep+0 + rounder;
  const double n = shifted - rounder;
  const double r = (bounded - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
  constexpr double coefficients[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                     1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                     1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2};
  double p = coefficients[0];
  for (int i = 1; i < 12; ++i) p = p * r + coefficients[i];
  p = p * r * r + r;
  const std::int64_t power = std::bit_cast<std::int64_t>(shifted) - std::bit_cast<std::int64_t>(rounder);
  const std::int64_t half = power >> 1;
  const double first = std::bit_cast<double>((half + 1023) << 52);
  const double second = std::bit_cast<double>((power - half + 1023) << 52);
  return (p * first + first) * second;
}

}  // namespace ctgrad::kernels
