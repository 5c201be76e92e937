#pragma once

#include <ctgrad/kernels/philox.hpp>

#include <algorithm>
#include <bit>

/// Random truth values that follow from a key and a position alone: what dropout keeps.
namespace ctgrad::kernels {

/// The words of a key as it lies in memory: 96 bits that name a stream of random words, and the number of
/// the first sample.
struct KeyWords {
  std::array<std::uint32_t, 2> key;
  std::uint32_t stream = 0;
  std::uint32_t sample = 0;

  constexpr explicit KeyWords(const std::int32_t* words)
      : key{static_cast<std::uint32_t>(words[0]), static_cast<std::uint32_t>(words[1])},
        stream(static_cast<std::uint32_t>(words[2])),
        sample(static_cast<std::uint32_t>(words[3])) {}
};

/// The counter of the four columns from 4 block on in a row of a sample.
constexpr std::array<std::uint32_t, 4> keep_counter(std::uint32_t block, std::uint32_t row,
                                                    std::uint32_t sample, std::uint32_t stream) {
  return {block, row, sample, stream};
}

/// The extents of a mask: `rows` rows of `columns` for every sample.
struct KeepExtents {
  Size samples = 1;
  Size rows = 1;
  Size columns = 1;

  constexpr Size blocks() const { return (columns + 3) / 4; }
  constexpr Size size() const { return samples * rows * columns; }
};

/// Positions of blocks in all lanes, which go on by as many blocks as there are lanes.
template <KeepExtents E, Size Lanes>
struct KeepPositions {
  std::uint32_t block[static_cast<std::size_t>(Lanes)];
  std::uint32_t row[static_cast<std::size_t>(Lanes)];
  std::uint32_t sample[static_cast<std::size_t>(Lanes)];

  KeepPositions() {
    for (Size lane = 0; lane < Lanes; ++lane) {
      block[lane] = static_cast<std::uint32_t>(lane % E.blocks());
      row[lane] = static_cast<std::uint32_t>(lane / E.blocks() % E.rows);
      sample[lane] = static_cast<std::uint32_t>(lane / E.blocks() / E.rows);
    }
  }

  void advance() {
    constexpr auto lanes = static_cast<std::uint32_t>(Lanes);
    constexpr auto blocks = static_cast<std::uint32_t>(E.blocks());
    constexpr auto rows = static_cast<std::uint32_t>(E.rows);
    for (Size lane = 0; lane < Lanes; ++lane) {
      const std::uint32_t next_block = block[lane] + lanes % blocks;
      const std::uint32_t row_carry = next_block >= blocks ? 1 : 0;
      const std::uint32_t next_row = row[lane] + lanes / blocks % rows + row_carry;
      const std::uint32_t sample_carry = next_row >= rows ? 1 : 0;
      block[lane] = next_block - row_carry * blocks;
      row[lane] = next_row - sample_carry * rows;
      sample[lane] += lanes / blocks / rows + sample_carry;
    }
  }
};

/// keep [samples, rows, columns] = word >= Threshold, the word of column c being word c mod 4 of
/// philox4x32({c / 4, row, first sample + sample, stream}, key).
template <KeepExtents E, std::uint32_t Threshold>
void keep_mask(bool* keep, const KeyWords& random) {
  if constexpr (E.size() > 0) {
    constexpr Size lanes = 16;
    constexpr Size blocks = E.samples * E.rows * E.blocks();
    KeepPositions<E, lanes> at;
    for (Size first = 0; first < blocks; first += lanes, at.advance()) {
      PhiloxWords<lanes> words;
      for (Size lane = 0; lane < lanes; ++lane) {
        words[0][lane] = at.block[lane];
        words[1][lane] = at.row[lane];
        words[2][lane] = random.sample + at.sample[lane];
        words[3][lane] = random.stream;
      }
      philox4x32<lanes>(words, random.key);
      std::uint32_t bytes[lanes];  // four truth values each, in the order of memory
      for (Size lane = 0; lane < lanes; ++lane) {
        bytes[lane] = 0;
        for (int w = 0; w < 4; ++w) {
          const int byte = std::endian::native == std::endian::little ? w : 3 - w;
          bytes[lane] |= (words[w][lane] >= Threshold ? 1u : 0u) << (8 * byte);
        }
      }
      const Size found = std::min(lanes, blocks - first);
      if constexpr (E.columns % 4 == 0) {
        std::memcpy(keep + 4 * first, bytes, static_cast<std::size_t>(4 * found));
      } else {
        for (Size lane = 0; lane < found; ++lane) {
          const Size column = 4 * Size{at.block[lane]};
          const Size row = Size{at.sample[lane]} * E.rows + at.row[lane];
          std::memcpy(keep + row * E.columns + column, &bytes[lane],
                      static_cast<std::size_t>(std::min(Size{4}, E.columns - column)));
        }
      }
    }
  }
}

/// What keeps the counters of folded keys apart from those of masks.
inline constexpr std::uint32_t fold_domain = 0x666F6C64;

/// folded [4] of key [4] and a number: the stream that philox4x32 makes of both, the same first sample.
constexpr void fold_key(std::int32_t* folded, const std::int32_t* key, std::int32_t number) {
  const KeyWords from(key);
  const auto words = ctgrad::philox4x32(
      {from.stream, static_cast<std::uint32_t>(number), fold_domain, fold_domain}, from.key);
  for (std::size_t w = 0; w < 3; ++w) folded[w] = static_cast<std::int32_t>(words[w]);
  folded[3] = key[3];
}

}  // namespace ctgrad::kernels
