#pragma once

#include <ctgrad/kernels/lanes.hpp>

#include <bit>
#include <cstdint>

/// Numbers stored in 16 bits: the upper half of a float. See Kalamkar et al., "A study of BFLOAT16 for deep
/// learning training", 2019.
namespace ctgrad::kernels {

/// A float's sign, its 8 bits of exponent and the first 7 of its fraction. It is only stored; kernels compute
/// in float.
enum class Bf16 : std::uint16_t {};

/// The float that it is, exactly. Numbers of other types are what they are.
CTGRAD_INLINE constexpr float to_float(Bf16 x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}
template <class T>
CTGRAD_INLINE constexpr T to_float(T x) {
  return x;
}

/// The nearest number of 16 bits, of two equally near ones the even one; beyond the largest, infinity. NaN
/// stays NaN, and small numbers stay what they are: AVX-512's own instruction would make them 0.
CTGRAD_INLINE constexpr Bf16 to_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const std::uint32_t quiet = bits | 0x400000;
  const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  return static_cast<Bf16>(static_cast<std::uint16_t>((is_nan ? quiet : rounded) >> 16));
}

/// A number as it is stored in memory of type `To`.
template <class To, class T>
CTGRAD_INLINE constexpr To stored_as(T x) {
  if constexpr (std::is_same_v<To, Bf16>) {
    return to_bf16(x);
  } else {
    return x;
  }
}

/// `Count` numbers side by side in memory, as floats.
template <Size Count, class T>
CTGRAD_INLINE Lanes<T, Count> load_lanes(const T* from) {
  return Lanes<T, Count>::load(from);
}
template <Size Count>
CTGRAD_INLINE Lanes<float, Count> load_lanes(const Bf16* from) {
  alignas(64) float numbers[static_cast<std::size_t>(Count)];
  for (Size i = 0; i < Count; ++i) numbers[i] = to_float(from[i]);
  return Lanes<float, Count>::load(numbers);
}

/// to [count] = from [count], in another form or in the same.
template <class To, class From>
CTGRAD_NOINLINE void convert(To* __restrict to, const From* __restrict from, Size count) {
  CTGRAD_INDEPENDENT
  for (Size i = 0; i < count; ++i) to[i] = stored_as<To>(to_float(from[i]));
}

/// to [rows, width] = from [rows, width] in another form or in the same; rows lie so far apart.
template <class To, class From>
void convert_rows(To* to, Size to_row, const From* from, Size from_row, Size rows, Size width) {
  for (Size r = 0; r < rows; ++r) convert(to + r * to_row, from + r * from_row, width);
}

}  // namespace ctgrad::kernels
