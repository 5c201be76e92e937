#pragma once

#include <ctgrad/kernels/lanes.hpp>

#include <array>

/// Philox4x32-10: 128 bits of counter and 64 bits of key to 128 random bits, words least significant first.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
namespace ctgrad {

namespace philox {

inline constexpr int rounds = 10;
inline constexpr std::uint32_t even_multiplier = 0xD2511F53;
inline constexpr std::uint32_t odd_multiplier = 0xCD9E8D57;
inline constexpr std::uint32_t key_increments[] = {0x9E3779B9,   // the golden ratio
                                                   0xBB67AE85};  // the square root of three, less one

}  // namespace philox

constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < philox::rounds; ++round) {
    const std::uint64_t even = std::uint64_t{philox::even_multiplier} * counter[0];
    const std::uint64_t odd = std::uint64_t{philox::odd_multiplier} * counter[2];
    counter = {static_cast<std::uint32_t>(odd >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(odd),
               static_cast<std::uint32_t>(even >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(even)};
    key[0] += philox::key_increments[0];
    key[1] += philox::key_increments[1];
  }
  return counter;
}

namespace kernels {

/// x [4, Lanes]: the words of a counter in every lane, turned into its random words.
template <Size Lanes>
using PhiloxWords = std::uint32_t[4][static_cast<std::size_t>(Lanes)];

#if defined(__GNUC__)

/// Words in the lower halves of so many 64-bit lanes; the upper halves hold anything.
template <Size Count>
using WideWords = typename VectorOf<std::uint64_t, Count>::Type;

/// The 64-bit products of the words with a multiplier: by the instruction that reads the lower halves alone,
/// where the processor has it.
template <Size Count>
CTGRAD_INLINE WideWords<Count> wide_product(WideWords<Count> words, std::uint32_t multiplier) {
#if defined(__SSE2__)
  using Narrow = typename VectorOf<int, 2 * Count>::Type;
  [[maybe_unused]] const auto left = reinterpret_cast<Narrow>(words);
  [[maybe_unused]] const auto right = reinterpret_cast<Narrow>(WideWords<Count>{} + multiplier);
#if defined(__AVX512F__) && defined(__clang__)
  if constexpr (Count == 8) return reinterpret_cast<WideWords<8>>(__builtin_ia32_pmuludq512(left, right));
#elif defined(__AVX512F__)
  using Unused = typename VectorOf<long long, Count>::Type;
  if constexpr (Count == 8)
    return reinterpret_cast<WideWords<8>>(__builtin_ia32_pmuludq512_mask(left, right, Unused{}, 0xff));
#endif
#if defined(__AVX2__)
  if constexpr (Count == 4) return reinterpret_cast<WideWords<4>>(__builtin_ia32_pmuludq256(left, right));
#endif
  if constexpr (Count == 2) return reinterpret_cast<WideWords<2>>(__builtin_ia32_pmuludq128(left, right));
#endif
  return (words & 0xFFFFFFFFu) * multiplier;
}

/// `Vectors` vectors of `Wide` lanes side by side, to hide what products take; `Lanes` words from word to
/// word.
template <Size Wide, Size Vectors, Size Lanes>
void philox4x32_lanes(std::uint32_t* x, std::array<std::uint32_t, 2> key) {
  using Words = typename VectorOf<std::uint32_t, Wide>::Type;
  WideWords<Wide> wide[4][static_cast<std::size_t>(Vectors)];
  for (Size w = 0; w < 4; ++w) {
    for (Size v = 0; v < Vectors; ++v) {
      const Words words = VectorOf<std::uint32_t, Wide>::load(x + w * Lanes + Wide * v);
      wide[w][v] = __builtin_convertvector(words, WideWords<Wide>);
    }
  }
  for (int round = 0; round < philox::rounds; ++round) {
    for (Size v = 0; v < Vectors; ++v) {
      const WideWords<Wide> even = wide_product<Wide>(wide[0][v], philox::even_multiplier);
      const WideWords<Wide> odd = wide_product<Wide>(wide[2][v], philox::odd_multiplier);
      wide[0][v] = (odd >> 32) ^ wide[1][v] ^ key[0];
      wide[1][v] = odd;
      wide[2][v] = (even >> 32) ^ wide[3][v] ^ key[1];
      wide[3][v] = even;
    }
    key[0] += philox::key_increments[0];
    key[1] += philox::key_increments[1];
  }
  for (Size w = 0; w < 4; ++w) {
    for (Size v = 0; v < Vectors; ++v) {
      VectorOf<std::uint32_t, Wide>::store(x + w * Lanes + Wide * v,
                                           __builtin_convertvector(wide[w][v], Words));
    }
  }
}

template <Size Lanes>
void philox4x32(PhiloxWords<Lanes>& x, std::array<std::uint32_t, 2> key) {
  // The widest vectors of which there are whole ones: the lowest bit of a number divides it.
  constexpr Size wide = std::min(vector_bytes / 8, Lanes & -Lanes);
  Size lane = 0;
  for (; lane + 2 * wide <= Lanes; lane += 2 * wide) philox4x32_lanes<wide, 2, Lanes>(&x[0][lane], key);
  if constexpr (Lanes % (2 * wide) != 0) philox4x32_lanes<wide, 1, Lanes>(&x[0][lane], key);
}

#else

template <Size Lanes>
void philox4x32(PhiloxWords<Lanes>& x, std::array<std::uint32_t, 2> key) {
  for (Size lane = 0; lane < Lanes; ++lane) {
    const auto words = ctgrad::philox4x32({x[0][lane], x[1][lane], x[2][lane], x[3][lane]}, key);
    for (std::size_t w = 0; w < 4; ++w) x[w][lane] = words[w];
  }
}

#endif

}  // namespace kernels
}  // namespace ctgrad
