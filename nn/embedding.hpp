#pragma once

#include <ctgrad/nn/linear.hpp>

namespace ctgrad::nn {

/// A row of a table for every id: Index [...] -> [..., Width]. Ids are in [0, Count).
template <Size Count, Size Width>
struct Embedding {
  using Table = Parameter<init::Uniform{.limit = 0.05}, Count, Width>;
  BOOST_HANA_DEFINE_STRUCT(Embedding, (Table, table));

  template <Kind K, Size... D>
  constexpr auto operator()(const Array<K, D...>& ids) const {
    static_assert(ops::ids<K>::are_integers, "Embedding: ids are an Index, not a Tensor of real numbers");
    return embedding(table, ids);
  }
};

/// Says whether a sequence fits a table of positions.
template <Size Length, Size Positions>
struct sequence_length {
  static constexpr bool fits = Length <= Positions;
};

/// Adds row t of a learned table to token t of every sequence: [..., length, Width], length at most
/// MaxLength.
template <Size MaxLength, Size Width>
struct PositionEmbedding {
  using Table = Parameter<init::Uniform{.limit = 0.05}, MaxLength, Width>;
  BOOST_HANA_DEFINE_STRUCT(PositionEmbedding, (Table, table));

  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x) const {
    static_assert(sizeof...(D) >= 2, "PositionEmbedding: the input is [..., length, width]");
    constexpr Size length = Tensor<D...>::shape[sizeof...(D) - 2];
    static_assert(
        sequence_length<length, MaxLength>::fits,
        "PositionEmbedding: the sequences (first number) are longer than the table (second number)");
    static_assert(input_width<last_extent<Tensor<D...>>, Width>::fits,
                  "PositionEmbedding: the input's last axis (first number) is not as wide as the table "
                  "(second number)");
    return x + slice<0, 0, length>(table);
  }
};

}  // namespace ctgrad::nn
