#pragma once

#include <ctgrad/kernels/matmul_task.hpp>

#include <type_traits>

/// Matrix products that take less time than the loops of large ones would add: all that can be known of them
/// is known to the compiler.
namespace ctgrad::kernels {

/// The multiplications of the largest of them.
inline constexpr Size most_small = 1 << 20;

/// Whether a product is one of these: few multiplications, in one block.
template <MatmulShape S, class T>
inline constexpr bool is_small =
    S.rows * S.columns * S.inner <= most_small && S.inner <= plan_of<S, T>.depth && !plan_of<S, T>.packs_a &&
    !plan_of<S, T>.is_b_far && !(S.accumulate && S.result_stride == 0 && plan_of<S, T>.is_c_far);

template <MatmulShape S, class T, class Epilogue>
class SmallProduct {
 public:
  SmallProduct(T* c, const T* a, const T* b, const Epilogue& epilogue)
      : c_(c), a_(a), b_(b), epilogue_(epilogue) {}

  void run() const {
    constexpr Size wide = plan.wide.valid;
    for (Size j = 0; j + wide <= S.columns; j += wide) multiply_panel<plan.wide>(j);
    if constexpr (plan.last.valid > 0) multiply_panel<plan.last>(S.columns - plan.last.valid);
  }

 private:
  static constexpr const MatmulPlan& plan = plan_of<S, T>;
  /// Each row of C is a part of a long one: a panel of it comes from far away.
  static constexpr bool is_part =
      (S.result_stride > S.columns) && (S.rows * plan.c_row * static_cast<Size>(sizeof(T)) > (1 << 18));
  /// So is each row of B, and its rows lie pages apart.
  static constexpr bool is_part_of_b = !S.transpose_right && (plan.b_stride > S.columns) &&
                                       (plan.b_stride * static_cast<Size>(sizeof(T)) >= 4096);

  /// The panel of C that begins at column j, B packed where it has to be.
  template <Panel P>
  void multiply_panel(Size j) const {
    for (Size i = 0; is_part && i < S.rows; ++i) prefetch(c_ + i * plan.c_row + j + P.columns());
    for (Size k = 0; is_part_of_b && k < S.inner; ++k) prefetch_next_panel<P>(b_ + k * plan.b_stride + j);
    if constexpr (S.inner > 0 && (S.transpose_right || plan.packs || P.is_padded())) {
      alignas(64) T packed[static_cast<std::size_t>(S.inner * P.columns())];
      if constexpr (S.transpose_right) {
        pack_transposed_panel<P.columns(), P.valid>(packed, b_ + j * plan.b_stride, S.inner, plan.b_stride);
      } else {
        pack_panel<P.columns(), P.valid>(packed, b_ + j, S.inner, plan.b_stride);
      }
      multiply_tiles<P>(j, packed, P.columns());
    } else {
      multiply_tiles<P>(j, b_ + j, plan.b_stride);
    }
  }

  /// The lines of the next panel behind those of a row of this one.
  template <Panel P>
  static void prefetch_next_panel(const T* row) {
    constexpr Size line = 64 / static_cast<Size>(sizeof(T));
    for (Size n = 0; n < P.columns(); n += line) prefetch(row + P.columns() + n);
  }

  template <Panel P>
  void multiply_tiles(Size j, const T* b, Size b_inner) const {
    constexpr Size high = plan.heights.high * (plan.heights.low + 1);
    if constexpr (high > 0) {
      constexpr Size rows = plan.heights.low + 1;
      for (Size i = 0; i < high; i += rows) multiply_tile<P, rows>(i, j, b, b_inner);
    }
    if constexpr (high < S.rows) {
      for (Size i = high; i < S.rows; i += plan.heights.low)
        multiply_tile<P, plan.heights.low>(i, j, b, b_inner);
    }
  }

  template <Panel P, Size Rows>
  void multiply_tile(Size i, Size j, const T* b, Size b_inner) const {
    constexpr TileKind kind{Rows,
                            P.vectors,
                            P.lanes,
                            S.transpose_left ? 1 : plan.a_row,
                            S.accumulate && S.chain == 0,
                            false,
                            S.accumulate && S.chain != 0};
    T* c = c_ + i * plan.c_row + j;
    const T* a = a_ + i * plan.a_row;
    if constexpr (P.is_padded()) {
      alignas(64) T beside[static_cast<std::size_t>(Rows * P.columns())];
      if constexpr (S.accumulate) pad_tile<P.columns(), P.valid>(beside, c, Rows, plan.c_row);
      matmul_tile<kind>(beside, a, b, TileTask<T>{S.inner, plan.a_inner, b_inner, P.columns()});
      unpad_tile<P.columns(), P.valid>(c, beside, Rows, plan.c_row);
    } else {
      matmul_tile<kind>(c, a, b, TileTask<T>{S.inner, plan.a_inner, b_inner, plan.c_row});
    }
    epilogue_.template finish<Rows, P.valid>(c, i, j, plan.c_row);
  }

  T* c_;
  const T* a_;
  const T* b_;
  const Epilogue& epilogue_;
};

}  // namespace ctgrad::kernels
