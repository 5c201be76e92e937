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

/// The keys that share a counter of random words.
inline constexpr Size counter_keys = 4;

/// words [4, Columns] = those of the four keys from `key`, a multiple of 4, on and the queries from `query`
/// on.
template <Size Columns>
CTGRAD_NOINLINE void query_words(PhiloxWords<Columns>& words, const AttentionDropout& dropout, Size query,
                                 Size key) {
  for (Size r = 0; r < Columns; ++r) {
    const auto t = static_cast<std::uint32_t>(query + r);
    words[0][r] = static_cast<std::uint32_t>(key / counter_keys);
    words[1][r] = dropout.row + t * dropout.row_stride;
    words[2][r] = dropout.sample + t * dropout.sample_stride;
    words[3][r] = dropout.stream;
  }
  philox4x32<Columns>(words, dropout.key);
}

/// x [Columns] = 0 where the word is below the threshold.
template <Size Columns, class T>
CTGRAD_INLINE void drop(T* __restrict x, const std::uint32_t* words, std::uint32_t threshold) {
  for (Size r = 0; r < Columns; ++r) x[r] = words[r] >= threshold ? x[r] : T{0};
}

/// weights [keys, Columns] = 0 where the word is below the threshold, for the queries from `query` and the
/// keys from `key` on.
template <Size Columns, class T>
CTGRAD_NOINLINE void drop_weights(T* weights, const AttentionDropout& dropout, std::uint32_t threshold,
                                  Size query, Size key, Size keys) {
  for (Size first = 0; first < keys; first += counter_keys) {
    alignas(64) PhiloxWords<Columns> words;
    query_words<Columns>(words, dropout, query, key + first);
    for (Size w = 0; w < std::min(counter_keys, keys - first); ++w)
      drop<Columns>(weights + (first + w) * Columns, words[w], threshold);
  }
}

/// slopes [keys, Columns] = 0 where the word is below the threshold; then, for a few keys at a time,
/// body(first key, count), which reads weights [keys, Columns] and slopes; and then the weights = 0 there.
template <Size Columns, class T, class Body>
void drop_around(T* weights, T* slopes, const AttentionDropout& dropout, std::uint32_t threshold, Size query,
                 Size key, Size keys, const Body& body) {
  for (Size first = 0; first < keys; first += counter_keys) {
    const Size count = std::min(counter_keys, keys - first);
    alignas(64) PhiloxWords<Columns> words;
    query_words<Columns>(words, dropout, query, key + first);
    for (Size w = 0; w < count; ++w) drop<Columns>(slopes + (first + w) * Columns, words[w], threshold);
    body(first, count);
    for (Size w = 0; w < count; ++w) drop<Columns>(weights + (first + w) * Columns, words[w], threshold);
  }
}

}  // namespace ctgrad::kernels
