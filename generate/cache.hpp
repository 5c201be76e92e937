#pragma once

#include <ctgrad/generate/reorder.hpp>
#include <ctgrad/nn/cache.hpp>

/// What programs of single steps leave to their caller: rows that belong into caches.
namespace ctgrad::generate {

/// The length of sequences that a cache holds.
template <class Cache>
struct CacheShape;
template <std::size_t Layers, Size Batch, Size Heads, Size Length, Size HeadWidth>
struct CacheShape<nn::Cache<Layers, Batch, Heads, Length, HeadWidth>> {
  static constexpr Size length = Length;
  static constexpr std::size_t arrays = 2 * Layers;
  static constexpr auto batch = static_cast<std::size_t>(Batch);
  /// Elements of one sequence in one array.
  static constexpr std::size_t sequence = static_cast<std::size_t>(Heads * Length * HeadWidth);
};

/// Where the arrays of a cache begin in its flat buffer, which holds nothing else.
template <class Cache, class Scalar>
constexpr std::size_t array_offset(std::size_t array) {
  return array * (FlatView<Cache, Scalar>::size() / CacheShape<Cache>::arrays);
}

/// Refuses positions of which one is not in [0, length), naming it.
inline void require_positions(std::span<const std::int32_t> positions, std::size_t batch, Size length) {
  if (positions.size() != batch) {
    throw std::invalid_argument("cache: positions: expected " + std::to_string(batch) + ", got " +
                                std::to_string(positions.size()));
  }
  for (std::size_t b = 0; b < batch; ++b) {
    if (positions[b] < 0 || positions[b] >= length) {
      throw std::out_of_range("cache: positions[" + std::to_string(b) + "]: expected a position in [0, " +
                              std::to_string(length) + "), got " + std::to_string(positions[b]));
    }
  }
}

/// Puts what a step made of one token of every sequence where it belongs: rows [batch, heads, 1, width] of
/// every array into [batch, heads, length, width], each at its sequence's position [batch]. Throws
/// std::out_of_range for a position that the caches do not have, and has then changed nothing.
template <class Scalar, std::size_t Layers, Size Batch, Size Heads, Size Length, Size HeadWidth>
void write_rows(State<nn::Cache<Layers, Batch, Heads, Length, HeadWidth>, Scalar>& caches,
                FlatView<nn::Cache<Layers, Batch, Heads, 1, HeadWidth>, const Scalar> rows,
                std::span<const std::int32_t> positions) {
  using Rows = nn::Cache<Layers, Batch, Heads, 1, HeadWidth>;
  using Caches = nn::Cache<Layers, Batch, Heads, Length, HeadWidth>;
  constexpr auto batch = static_cast<std::size_t>(Batch), heads = static_cast<std::size_t>(Heads),
                 length = static_cast<std::size_t>(Length), width = static_cast<std::size_t>(HeadWidth);
  require_positions(positions, batch, Length);
  for (std::size_t array = 0; array < 2 * Layers; ++array) {
    const Scalar* from = rows.flat().data() + array_offset<Rows, Scalar>(array);
    Scalar* to = caches.flat().data() + array_offset<Caches, Scalar>(array);
    for (std::size_t b = 0; b < batch; ++b) {
      const auto position = static_cast<std::size_t>(positions[b]);
      for (std::size_t head = b * heads; head < (b + 1) * heads; ++head)
        std::copy_n(from + head * width, width, to + (head * length + position) * width);
    }
  }
}

/// Copies every sequence of `from` into as many neighbouring sequences of `to` as there is room for:
/// [batch, heads, length, width] of every array into [batch times, heads, length, width].
template <class Scalar, std::size_t Layers, Size Batch, Size Rows, Size Heads, Size Length, Size HeadWidth>
void repeat_sequences(FlatView<nn::Cache<Layers, Batch, Heads, Length, HeadWidth>, const Scalar> from,
                      State<nn::Cache<Layers, Rows, Heads, Length, HeadWidth>, Scalar>& to) {
  static_assert(Rows % Batch == 0, "repeat_sequences: the batch does not divide the number of sequences");
  using Few = nn::Cache<Layers, Batch, Heads, Length, HeadWidth>;
  using Many = nn::Cache<Layers, Rows, Heads, Length, HeadWidth>;
  constexpr std::size_t size = CacheShape<Few>::sequence, times = static_cast<std::size_t>(Rows / Batch);
  for (std::size_t array = 0; array < 2 * Layers; ++array) {
    const Scalar* source = from.flat().data() + array_offset<Few, Scalar>(array);
    Scalar* target = to.flat().data() + array_offset<Many, Scalar>(array);
    for (std::size_t row = 0; row < static_cast<std::size_t>(Rows); ++row)
      std::copy_n(source + row / times * size, size, target + row * size);
  }
}

/// Moves the sequences of caches; the spare row holds one sequence of one array (CacheShape::sequence).
/// Throws std::invalid_argument for moves of another number of rows than the caches have sequences, and for a
/// spare row that is too short, and has then changed nothing.
template <class Cache, class Scalar>
void reorder(State<Cache, Scalar>& caches, const Reorder& moves, std::span<Scalar> spare) {
  if (moves.rows() != CacheShape<Cache>::batch) {
    throw std::invalid_argument("reorder: moves: expected " + std::to_string(CacheShape<Cache>::batch) +
                                " rows, got " + std::to_string(moves.rows()));
  }
  const std::size_t size = moves.rows() * CacheShape<Cache>::sequence;
  for (std::size_t array = 0; array < CacheShape<Cache>::arrays; ++array)
    moves.apply(caches.flat().subspan(array_offset<Cache, Scalar>(array), size), spare);
}

}  // namespace ctgrad::generate
