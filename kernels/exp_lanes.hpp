#pragma once

#include <ctgrad/kernels/lanes.hpp>

#include <bit>
#include <cstdint>
#include <iterator>

/// e to the power x in all lanes of a vector, for loops that keep more than that in registers.
namespace ctgrad::kernels {

/// The constants for a type: log 2 in two parts, of which whole numbers times the first are exact, and the
/// coefficients of (exp(r) - 1 - r) / r^2 for |r| of at most half of log 2, the highest power's first.
template <class T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  using Bits = std::uint32_t;
  static constexpr int fraction_bits = 23;
  static constexpr float least = -88;  ///< here the power of two is 0
  static constexpr float rounder = 0x1.8p23F;
  static constexpr float per_log_2 = 0x1.715476p+0F;
  static constexpr float log_2[] = {0x1.62e4p-1F, 0x1.7f7d1cp-20F};
  static constexpr float coefficients[] = {0x1.6cd554p-10F, 0x1.122c4ep-7F, 0x1.555538p-5F, 0x1.5554aap-3F,
                                           0.5F};
};

template <>
struct ExpConstants<double> {
  using Bits = std::uint64_t;
  static constexpr int fraction_bits = 52;
  static constexpr double least = -709;
  static constexpr double rounder = 0x1.8p52;
  static constexpr double per_log_2 = 0x1.71547652b82fep+0;
  static constexpr double log_2[] = {0x1.62e42fee00000p-1, 0x1.a39ef35793c76p-33};
  static constexpr double coefficients[] = {0x1.200aa0082904ep-29,
                                            0x1.af5c35b823655p-26,
                                            0x1.27e4a8a495579p-22,
                                            0x1.71ddf8d5b5755p-19,
                                            0x1.a01a01ae7a5ccp-16,
                                            0x1.a01a01afeebfdp-13,
                                            0x1.6c16c16c1599ep-10,
                                            0x1.111111110f65fp-7,
                                            0x1.5555555555556p-5,
                                            0x1.5555555555559p-3,
                                            0.5};
};

/// exp(x) for x of at most 0, or a little more: x = n log 2 + r, 2^n (1 + (exp(r) - 1)). X is T, or a vector
/// of T with Bits for its bits; fused_of(a, b, c) = a b + c.
template <class T, class Bits, class X, class Fused>
CTGRAD_INLINE X exp_nonpositive_of(X x, Fused fused_of) {
  using Is = ExpConstants<T>;
  const X least = X{} + Is::least;
  const X rounder = X{} + Is::rounder;
  const X bounded = least > x ? least : x;  // NaN stays
  const X shifted = fused_of(bounded, X{} + Is::per_log_2, rounder);
  const X n = shifted - rounder;
  const X r = fused_of(n, X{} - Is::log_2[1], fused_of(n, X{} - Is::log_2[0], bounded));
  constexpr auto count = static_cast<Size>(std::size(Is::coefficients));
  X p = X{} + Is::coefficients[0];
  CTGRAD_UNROLL
  for (Size i = 1; i < count; ++i) p = fused_of(p, r, X{} + Is::coefficients[i]);
  p = fused_of(p, r * r, r);
  constexpr auto one = std::bit_cast<typename Is::Bits>(T{1});
  const X power = std::bit_cast<X>((std::bit_cast<Bits>(shifted) << Is::fraction_bits) + one);
  return fused_of(p, power, power);
}

/// exp(x) in every lane for x of at most 0, or a little more, within 1.1 units of the last place: 0 below
/// -87.7 in float, below -708.8 in double, where exp(x) is less than the smallest normal number. NaN stays
/// NaN.
template <class T, Size Count>
CTGRAD_INLINE Lanes<T, Count> exp_nonpositive(const Lanes<T, Count>& x) {
  using Bits = typename ExpConstants<T>::Bits;
#if defined(__GNUC__)
  using Vector = typename Lanes<T, Count>::Vector;
  return {exp_nonpositive_of<T, typename VectorOf<Bits, Count>::Type>(
      x.values, [](Vector a, Vector b, Vector c)
                    __attribute__((always_inline)) { return fused_lanes<T, Count>(a, b, c); })};
#else
  Lanes<T, Count> result = x;
  for (T& number : result.values)
    number = exp_nonpositive_of<T, Bits>(number, [](T a, T b, T c) { return fused(a, b, c); });
  return result;
#endif
}

}  // namespace ctgrad::kernels
