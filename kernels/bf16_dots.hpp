#pragma once

#include <ctgrad/kernels/bf16.hpp>

/// Products of two pairs of bf16 at once, with their sum in float, as AVX-512's VDPBF16PS computes them.
/// Builds that define CTGRAD_BF16_DOTS use them where an operand is stored as bf16; the other operand is
/// rounded to bf16, too. The results are other numbers than those of builds without it, but the same on every
/// processor: where there is no such instruction, floats stand for it.
namespace ctgrad::kernels {

#if defined(CTGRAD_BF16_DOTS)
inline constexpr bool uses_bf16_dots = true;
#else
inline constexpr bool uses_bf16_dots = false;
#endif

/// Two numbers in a word, the first one in its lower half.
using Bf16Pair = std::uint32_t;

constexpr Bf16Pair pair_of(Bf16 first, Bf16 second) {
  return static_cast<Bf16Pair>(first) | static_cast<Bf16Pair>(second) << 16;
}

/// The number, or 0 with its sign if it is smaller than the smallest normal one: the instruction neither
/// takes nor gives such numbers.
CTGRAD_INLINE constexpr float without_subnormal(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return std::bit_cast<float>((bits & 0x7f800000) == 0 ? bits & 0x80000000 : bits);
}

/// sum + a1 b1 + a0 b0, a0 and a1 being the pair a: the second numbers first, each sum rounded to the
/// nearest.
CTGRAD_INLINE float add_dot(float sum, Bf16Pair a, Bf16Pair b) {
  const auto upper = [](Bf16Pair pair) { return without_subnormal(std::bit_cast<float>(pair & 0xffff0000)); };
  sum = without_subnormal(fused(upper(a), upper(b), without_subnormal(sum)));
  return without_subnormal(fused(upper(a << 16), upper(b << 16), sum));
}

/// The same for every lane of sums [Count] and of b [Count]; a is one pair for all.
template <Size Count>
CTGRAD_INLINE void add_dots(Lanes<float, Count>& sums, Bf16Pair a, const Bf16Pair* b) {
#if defined(CTGRAD_BF16_DOTS) && defined(__AVX512BF16__)
  // By hand: clang 16 crashes at optimising what the intrinsic is given.
  if constexpr (Count == 16) {
    using Pairs = typename VectorOf<Bf16Pair, Count>::Type;
    const Pairs left = a + Pairs{};
    const Pairs right = VectorOf<Bf16Pair, Count>::load(b);
    auto values = sums.values;  // of an element of an array g++ would store every new value
    asm("vdpbf16ps %2, %1, %0" : "+v"(values) : "v"(left), "v"(right));
    sums.values = values;
    return;
  }
#endif
  alignas(64) float each[static_cast<std::size_t>(Count)];
  sums.store(each);
  for (Size i = 0; i < Count; ++i) each[i] = add_dot(each[i], a, b[i]);
  sums = Lanes<float, Count>::load(each);
}

/// packed [(count + 1) / 2, width] = pairs of numbers that follow each other along the inner axis of x:
/// [count, width] where that is the first one, else [width, count]. Rows of x lie `stride` apart, of packed
/// `row`. A last single number is paired with 0.
template <bool InnerFirst, class T>
CTGRAD_NOINLINE void pack_pairs(Bf16Pair* __restrict packed, Size row, const T* __restrict x, Size stride,
                                Size count, Size width) {
  const Size inner = InnerFirst ? stride : 1;
  const Size across = InnerFirst ? 1 : stride;
  const auto number = [](T stored) { return stored_as<Bf16>(to_float(stored)); };
  for (Size k = 0; k + 1 < count; k += 2, packed += row, x += 2 * inner) {
    for (Size n = 0; n < width; ++n)
      packed[n] = pair_of(number(x[n * across]), number(x[n * across + inner]));
  }
  for (Size n = 0; count % 2 != 0 && n < width; ++n) packed[n] = pair_of(number(x[n * across]), Bf16{});
}

/// C [Rows, Vectors Lanes] (+)= A [Rows, 2 pairs] B [2 pairs, Vectors Lanes] with all of C in registers, A as
/// pairs [pairs, ...] whose rows lie `a_row` apart, B as pairs [pairs, Vectors Lanes].
template <Size Rows, Size Vectors, Size Width, bool Accumulates>
CTGRAD_NOINLINE void dots_tile(float* __restrict c, const Bf16Pair* __restrict a, Size a_row,
                               const Bf16Pair* __restrict b, Size pairs) {
  using Vector = Lanes<float, Width>;
  Vector sums[static_cast<std::size_t>(Rows)][static_cast<std::size_t>(Vectors)];
  for (Size i = 0; i < Rows; ++i) {
    for (Size j = 0; j < Vectors; ++j)
      sums[i][j] = Accumulates ? Vector::load(c + (i * Vectors + j) * Width) : Vector::filled(0);
  }
  CTGRAD_ROLLED
  for (Size k = 0; k < pairs; ++k, a += a_row, b += Vectors * Width) {
    CTGRAD_UNROLL
    for (Size i = 0; i < Rows; ++i) {
      CTGRAD_UNROLL
      for (Size j = 0; j < Vectors; ++j) add_dots<Width>(sums[i][j], a[i], b + j * Width);
    }
  }
  for (Size i = 0; i < Rows; ++i) {
    for (Size j = 0; j < Vectors; ++j) sums[i][j].store(c + (i * Vectors + j) * Width);
  }
}

}  // namespace ctgrad::kernels
