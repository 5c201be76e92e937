#pragma once

#include <ctgrad/nn/linear.hpp>

namespace ctgrad::nn {

/// A row of a table for every id: Index [...] -> [..., Width]. Ids are in [0, Vocabulary).
template <Size Vocabulary, Size Width>
struct Embedding {
  using Table = Parameter<init::Uniform{.limit = 0.05}, Vocabulary, Width>;
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

  /// Adds to token x [batch, 1, Width] of every sequence the row of its position. A position outside [0,
  /// MaxLength) is refused.
  template <Size Batch>
  constexpr auto at(const Tensor<Batch, 1, Width>& x, const Index<Batch>& positions) const {
    return x + reshape<Batch, 1, Width>(embedding(table, positions));
  }
};

/// Adds row t of a table that is not learned to token t: [..., length, Width]. Its column 2i holds
/// sin(t / 10000^(2i / Width)), its column 2i + 1 the cosine. Source: Vaswani et al., 2017.
template <Size MaxLength, Size Width>
struct SinusoidalPositions {
  static_assert(Width % 2 == 0, "SinusoidalPositions: the width is odd");
  BOOST_HANA_DEFINE_STRUCT(SinusoidalPositions);

  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x) const {
    static_assert(sizeof...(D) >= 2, "SinusoidalPositions: the input is [..., length, width]");
    constexpr Size length = Tensor<D...>::shape[sizeof...(D) - 2];
    static_assert(
        sequence_length<length, MaxLength>::fits,
        "SinusoidalPositions: the sequences (first number) are longer than the table (second number)");
    static_assert(input_width<last_extent<Tensor<D...>>, Width>::fits,
                  "SinusoidalPositions: the input's last axis (first number) is not as wide as the table "
                  "(second number)");
    return x + table<length>(x);
  }

  template <Size Batch>
  constexpr auto at(const Tensor<Batch, 1, Width>& x, const Index<Batch>& positions) const {
    return x + reshape<Batch, 1, Width>(embedding(table<MaxLength>(x), positions));
  }

 private:
  /// The first rows, in the graph of `x`: computed once, when a program is made.
  template <Size Length, class X>
  static constexpr auto table(const X& x) {
    constexpr double log_of_10000 = 9.210340371976182736;
    const auto rows = as_real(beside(x, iota_along<0, Length, Width / 2>()));
    const auto columns = as_real(beside(x, iota_along<1, Length, Width / 2>()));
    const auto angles = rows * exp(columns * (-2 * log_of_10000 / static_cast<double>(Width)));
    return reshape<Length, Width>(concatenate<2>(reshape<Length, Width / 2, 1>(sin(angles)),
                                                 reshape<Length, Width / 2, 1>(cos(angles))));
  }
};

}  // namespace ctgrad::nn
