#pragma once

#include <ctgrad/kernels/keep_mask.hpp>

/// Dropped weights of attention, made again from their key wherever they are needed.
namespace ctgrad::kernels {

/// Where the random words of one attention's weights [T, S] lie: query t is row `row + t row_stride` of
/// sample `sample + t sample_stride` of a mask of all weights.
struct AttentionDropout {
  std::array<std::uint32_t, 2> key = {};
  std::uint32_t stream = 0;
  std::uint32_t row = 0;
  std::uint32_t sample = 0;
  std::uint32_t row_stride = 0;
  std::uint32_t sample_stride = 0;
};

/// Calls visit(s, words) for each of the keys from `key`, a multiple of 4, on: s counts from there, words
/// [Tile] are the random words of the queries from `query` on.
template <Size Tile, class Visit>
void for_each_key_words(const AttentionDropout& dropout, Size query, Size key, Size keys,
                        const Visit& visit) {
  for (Size first = 0; first < keys; first += 4) {
    PhiloxWords<Tile> words;
    for (Size r = 0; r < Tile; ++r) {
      const auto t = static_cast<std::uint32_t>(query + r);
      words[0][r] = static_cast<std::uint32_t>((key + first) / 4);
      words[1][r] = dropout.row + t * dropout.row_stride;
      words[2][r] = dropout.sample + t * dropout.sample_stride;
      words[3][r] = dropout.stream;
    }
    philox4x32<Tile>(words, dropout.key);
    for (Size w = 0; w < std::min(Size{4}, keys - first); ++w) visit(first + w, words[w]);
  }
}

/// weights [keys, Tile] = 0 where the word is below Threshold.
template <std::uint32_t Threshold, Size Tile, class T>
void drop_weights(T* weights, const AttentionDropout& dropout, Size query, Size key, Size keys) {
  for_each_key_words<Tile>(dropout, query, key, keys, [&](Size s, const std::uint32_t* words) {
    T* row = weights + s * Tile;
    for (Size r = 0; r < Tile; ++r) row[r] = words[r] >= Threshold ? row[r] : T{0};
  });
}

/// kept [keys, Tile] = weights and slopes [keys, Tile] as they are, 0 where the word is below Threshold.
template <std::uint32_t Threshold, Size Tile, class T>
void drop_weights_and_slopes(T* __restrict kept, T* __restrict slopes, const T* weights,
                             const AttentionDropout& dropout, Size query, Size key, Size keys) {
  for_each_key_words<Tile>(dropout, query, key, keys, [&](Size s, const std::uint32_t* words) {
    for (Size r = 0; r < Tile; ++r) {
      const bool keep = words[r] >= Threshold;
      kept[s * Tile + r] = keep ? weights[s * Tile + r] : T{0};
      slopes[s * Tile + r] = keep ? slopes[s * Tile + r] : T{0};
    }
  });
}

}  // namespace ctgrad::kernels
