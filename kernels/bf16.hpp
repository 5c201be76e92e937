#pragma once

#include <ctgrad/kernels/parts.hpp>

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

/// An element in memory as kernels compute with it: bf16 as the float that it is, a truth value as the byte
/// that it is, since g++ makes no vectors of what loads bool.
template <class T>
CTGRAD_INLINE auto loaded(const T& stored) {
  if constexpr (std::is_same_v<T, bool>) {
    return int{reinterpret_cast<const unsigned char&>(stored)};
  } else {
    return to_float(stored);
  }
}

/// The nearest number of 16 bits, of two equally near ones the even one; beyond the largest, infinity. NaN
/// stays NaN, and small numbers stay what they are: AVX-512's own instruction would make them 0.
CTGRAD_INLINE constexpr Bf16 to_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
  const std::uint32_t quiet = bits | 0x400000;
  return static_cast<Bf16>(static_cast<std::uint16_t>((is_nan(x) ? quiet : rounded) >> 16));
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

#if defined(__GNUC__)

/// `Count` numbers side by side in memory, as floats.
template <Size Count, class T>
CTGRAD_INLINE Lanes<T, Count> load_lanes(const T* from) {
  return Lanes<T, Count>::load(from);
}
template <Size Count>
CTGRAD_INLINE Lanes<float, Count> load_lanes(const Bf16* from) {
  const auto halves = VectorOf<std::uint16_t, Count>::load(from);
  using Words = typename VectorOf<std::uint32_t, Count>::Type;
  return {std::bit_cast<typename Lanes<float, Count>::Vector>(__builtin_convertvector(halves, Words) << 16)};
}

/// Stores floats as what memory holds.
template <Size Count, class T>
CTGRAD_INLINE void store_lanes(T* to, const Lanes<T, Count>& numbers) {
  numbers.store(to);
}
template <Size Count>
CTGRAD_INLINE void store_lanes(Bf16* to, const Lanes<float, Count>& numbers) {
  using Words = typename VectorOf<std::uint32_t, Count>::Type;
  const Words bits = std::bit_cast<Words>(numbers.values);
  const Words rounded = bits + 0x7fff + (bits >> 16 & 1);
  const Words quiet = bits | 0x400000;
  const Words chosen = is_nan_of(numbers.values) ? quiet : rounded;
  const auto halves = __builtin_convertvector(chosen >> 16, typename VectorOf<std::uint16_t, Count>::Type);
  VectorOf<std::uint16_t, Count>::store(to, halves);
}

#else

template <Size Count, class T>
Lanes<decltype(to_float(T{})), Count> load_lanes(const T* from) {
  decltype(to_float(T{})) numbers[static_cast<std::size_t>(Count)];
  for (Size i = 0; i < Count; ++i) numbers[i] = to_float(from[i]);
  return Lanes<decltype(to_float(T{})), Count>::load(numbers);
}
template <Size Count, class To, class T>
void store_lanes(To* to, const Lanes<T, Count>& numbers) {
  for (Size i = 0; i < Count; ++i) to[i] = stored_as<To>(numbers.values[i]);
}

#endif

/// to [count] = from [count], in another form or in the same. Count: a Size, or a std::integral_constant, for
/// which the loop is written out where it stands.
template <class To, class From, class Count>
CTGRAD_INLINE void convert_here(To* to, const From* from, Count count) {
  constexpr Size lanes = lanes_of<float>;
  const Size end = count;
  const Size whole = end - end % lanes;
  for (Size i = 0; i < whole; i += lanes) store_lanes<lanes>(to + i, load_lanes<lanes>(from + i));
  for (Size i = whole; i < end; ++i) to[i] = stored_as<To>(to_float(from[i]));
}
template <class To, class From>
CTGRAD_NOINLINE void convert(To* to, const From* from, Size count) {
  convert_here(to, from, count);
}
template <class To, class From, Size Count>
CTGRAD_INLINE void convert(To* to, const From* from, std::integral_constant<Size, Count> count) {
  convert_here(to, from, count);
}

/// to [rows, width] = from [rows, width] in another form or in the same; rows lie so far apart. Width: a
/// Size, or a std::integral_constant.
template <class To, class From, class Width>
void convert_rows(To* to, Size to_row, const From* from, Size from_row, Size rows, Width width) {
  for (Size r = 0; r < rows; ++r) convert(to + r * to_row, from + r * from_row, width);
}

}  // namespace ctgrad::kernels
