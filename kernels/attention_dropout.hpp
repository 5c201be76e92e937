#pragma once

#include <ctgrad/kernels/attention_tiles.hpp>
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

/// The weights of four keys that are kept, for the queries in the lanes of a tile.
template <QueryTile Tile, class T>
class KeptWeights {
 public:
  /// Those of the keys from `key`, a multiple of 4, and the queries from `query` on, whose random words are
  /// not below the threshold.
  CTGRAD_NOINLINE KeptWeights(const AttentionDropout& dropout, std::uint32_t threshold, Size query,
                              Size key) {
    alignas(64) PhiloxWords<columns> words;
    query_words<columns>(words, dropout, query, key);
    for (Size w = 0; w < counter_keys; ++w) {
      for (Size r = 0; r < columns; ++r) kept_[w * columns + r] = words[w][r] < threshold ? T{0} : T{1};
    }
  }

  /// x [keys, columns] = 0 where the weight is dropped, for the first of the keys.
  CTGRAD_INLINE void apply(T* x, Size keys) const {
    for (Size i = 0; i < keys * columns; i += Tile.lanes) {
      auto numbers = Lanes<T, Tile.lanes>::load(x + i);
      numbers.clear_where_zero(Lanes<T, Tile.lanes>::load(kept_ + i));
      numbers.store(x + i);
    }
  }

 private:
  static constexpr Size columns = Tile.columns();
  alignas(64) T kept_[static_cast<std::size_t>(counter_keys * columns)];
};

/// weights [keys, columns] = 0 where they are dropped, for the queries from `query` and the keys from `key`
/// on.
template <QueryTile Tile, class T>
CTGRAD_NOINLINE void drop_weights(T* weights, const AttentionDropout& dropout, std::uint32_t threshold,
                                  Size query, Size key, Size keys) {
  for (Size s = 0; s < keys; s += counter_keys) {
    const KeptWeights<Tile, T> kept(dropout, threshold, query, key + s);
    kept.apply(weights + s * Tile.columns(), std::min(counter_keys, keys - s));
  }
}

/// For a few keys at a time: slopes [keys, columns] = 0 where the weights [keys, columns] will be; then
/// body(weights, slopes, count), which reads both; then the weights = 0 where they are dropped.
template <QueryTile Tile, class T, class Body>
void drop_around(T* weights, T* slopes, const AttentionDropout& dropout, std::uint32_t threshold, Size query,
                 Size key, Size keys, const Body& body) {
  for (Size s = 0; s < keys; s += counter_keys) {
    const Size count = std::min(counter_keys, keys - s);
    T* const some_weights = weights + s * Tile.columns();
    T* const some_slopes = slopes + s * Tile.columns();
    const KeptWeights<Tile, T> kept(dropout, threshold, query, key + s);
    kept.apply(some_slopes, count);
    body(some_weights, some_slopes, count);
    kept.apply(some_weights, count);
  }
}

}  // namespace ctgrad::kernels
