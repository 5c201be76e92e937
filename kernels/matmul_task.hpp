#pragma once

#include <ctgrad/kernels/call_part.hpp>
#include <ctgrad/kernels/matmul_plan.hpp>
#include <ctgrad/kernels/pack.hpp>

#include <algorithm>
#include <cstddef>

/// What a matrix product is made of, as a table of functions and numbers: shapes share the functions, and the
/// loops that call them.
namespace ctgrad::kernels {

/// The functions for tiles of one height in one panel.
template <class T>
struct TileFunctions {
  using Multiply = void (*)(T* c, const T* a, const T* b, const TileTask<T>& task);
  Size rows = 0;
  Multiply begin = nullptr;   ///< the first block of the inner axis
  Multiply resume = nullptr;  ///< a later one
  /// Copies columns of a transposed A to where they lie side by side; null where they are read in their
  /// place.
  void (*pack)(T* packed, const T* a, Size count, Size stride) = nullptr;
};

/// The functions for a panel, columns of C that are worked on at once.
template <class T>
struct PanelFunctions {
  Size valid = 0;
  Size columns = 0;  ///< with those of zeros behind the valid ones
  TileFunctions<T> high, low;
  /// Copies the panel of B to where its rows lie side by side; null where it is read in its place.
  void (*pack)(T* packed, const T* b, Size count, Size stride) = nullptr;
  /// Copy a tile from C to one of whole vectors and back; null where C has whole vectors.
  void (*pad)(T* tile, const T* c, Size rows, Size c_row) = nullptr;
  void (*unpad)(T* c, const T* tile, Size rows, Size c_row) = nullptr;
};

template <class T>
struct MatmulTask {
  MatmulShape shape;
  MatmulPlan plan;
  PanelFunctions<T> wide, last;
};

template <Size Columns, Size Valid, class T>
void pad_tile(T* __restrict tile, const T* __restrict c, Size rows, Size c_row) {
  for (Size r = 0; r < rows; ++r, tile += Columns, c += c_row) {
    for (Size n = 0; n < Valid; ++n) tile[n] = c[n];
    for (Size n = Valid; n < Columns; ++n) tile[n] = 0;
  }
}
template <Size Columns, Size Valid, class T>
void unpad_tile(T* __restrict c, const T* __restrict tile, Size rows, Size c_row) {
  for (Size r = 0; r < rows; ++r, tile += Columns, c += c_row) {
    for (Size n = 0; n < Valid; ++n) c[n] = tile[n];
  }
}

/// Makes the table of a product.
template <MatmulShape S, class T>
class MatmulTaskOf {
  static constexpr const MatmulPlan& plan = plan_of<S, T>;
  /// Between the rows of A as tiles read them.
  static constexpr Size a_row = S.transpose_left ? 1 : plan.packs_a ? packed_row(plan) : plan.a_row;
  /// The sum of each block of the inner axis is a chain of its own.
  static constexpr bool adds_blocks = S.inner > longest_inner || S.chain != 0;

  template <Panel P, Size Rows>
  static constexpr TileFunctions<T> tile() {
    TileFunctions<T> functions;
    if constexpr (Rows > 0) {
      constexpr bool accumulates = S.accumulate && !has_totals(S);
      constexpr bool begins_with_c = accumulates && S.chain == 0;
      constexpr bool adds = accumulates && S.chain != 0;
      constexpr bool wants_b =
          plan.asks_ahead || plan.asks_for_block || (!plan.keeps_b && plan.is_b_far && !S.transpose_right);
      constexpr bool prefetches_at_first =
          !P.is_padded() && (wants_b || plan.asks_for_c || (accumulates && plan.is_c_far));
      constexpr bool prefetches = !P.is_padded() && (wants_b || plan.is_c_far);
      functions.rows = Rows;
      functions.begin =
          &matmul_tile<TileKind{Rows, P.vectors, P.lanes, a_row, begins_with_c, prefetches_at_first, adds},
                       T>;
      if constexpr (S.inner > plan.depth) {
        functions.resume =
            &matmul_tile<TileKind{Rows, P.vectors, P.lanes, a_row, !adds_blocks, prefetches, adds_blocks}, T>;
      }
      if constexpr (plan.packs_a && S.transpose_left) functions.pack = &pack_panel<Rows, Rows, T, T>;
    }
    return functions;
  }

  template <Panel P>
  static constexpr PanelFunctions<T> panel() {
    PanelFunctions<T> functions;
    if constexpr (P.valid > 0) {
      functions.valid = P.valid;
      functions.columns = P.columns();
      if constexpr (plan.heights.high > 0) functions.high = tile<P, plan.heights.low + 1>();
      functions.low = tile<P, plan.heights.low>();
      if constexpr (S.transpose_right) {
        functions.pack = &pack_transposed_panel<P.columns(), P.valid, T, T>;
      } else if constexpr (plan.packs || P.is_padded()) {
        functions.pack = &pack_panel<P.columns(), P.valid, T, T>;
      }
      if constexpr (P.is_padded()) {
        functions.pad = &pad_tile<P.columns(), P.valid, T>;
        functions.unpad = &unpad_tile<P.columns(), P.valid, T>;
      }
    }
    return functions;
  }

 public:
  static constexpr MatmulTask<T> value{S, plan, panel<plan.wide>(), panel<plan.last>()};
};

/// What follows on a product, a tile at a time: the functions of an epilogue for the sizes of tiles, none for
/// a product that is left as it is.
template <class T>
struct FinishFunctions {
  using Finish = void (*)(const void* epilogue, T* c, Size row, Size column, Size c_row);
  const void* epilogue = nullptr;
  Finish wide_high = nullptr, wide_low = nullptr, last_high = nullptr, last_low = nullptr;
};

/// The functions of an epilogue, a class with a template `finish<Rows, Columns>(c, row, column, c_row)`.
template <MatmulShape S, class T, class Epilogue>
FinishFunctions<T> finish_functions(const Epilogue& epilogue) {
  constexpr const MatmulPlan& plan = plan_of<S, T>;
  const auto function = []<Size Rows, Size Columns>(std::integral_constant<Size, Rows>,
                                                    std::integral_constant<Size, Columns>) ->
      typename FinishFunctions<T>::Finish {
        if constexpr (Rows == 0 || Columns == 0) {
          return nullptr;
        } else {
          return [](const void* with, T* c, Size row, Size column, Size c_row) {
            static_cast<const Epilogue*>(with)->template finish<Rows, Columns>(c, row, column, c_row);
          };
        }
      };
  constexpr std::integral_constant<Size, plan.heights.high == 0 ? 0 : plan.heights.low + 1> high;
  constexpr std::integral_constant<Size, plan.heights.low> low;
  constexpr std::integral_constant<Size, plan.wide.valid> wide;
  constexpr std::integral_constant<Size, plan.last.valid> last;
  return {&epilogue, function(high, wide), function(low, wide), function(high, last), function(low, last)};
}

}  // namespace ctgrad::kernels
