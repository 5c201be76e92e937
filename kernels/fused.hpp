#pragma once

#include <type_traits>

/// A product and a sum in one rounding. All kernels say it where they mean it, and the compiler fuses nothing
/// else (-ffp-contract=off): so a kernel gives the same bits whatever the compiler and the width of the
/// vectors.
namespace ctgrad::kernels {

/// Whether the processor compiled for has the instruction. Without it a product is rounded before its sum.
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__) || defined(__FP_FAST_FMAF)
inline constexpr bool has_fused = true;
#else
inline constexpr bool has_fused = false;
#endif

/// a b + c, rounded once; in constant expressions, which have no such instruction, in double.
constexpr float fused(float a, float b, float c) {
  if (std::is_constant_evaluated())
    return static_cast<float>(static_cast<double>(a) * static_cast<double>(b) + static_cast<double>(c));
#if defined(__GNUC__)
  if constexpr (has_fused) return __builtin_fmaf(a, b, c);
#endif
  return a * b + c;
}

constexpr double fused(double a, double b, double c) {
  if (std::is_constant_evaluated()) return a * b + c;
#if defined(__GNUC__)
  if constexpr (has_fused) return __builtin_fma(a, b, c);
#endif
  return a * b + c;
}

}  // namespace ctgrad::kernels
