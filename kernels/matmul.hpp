#pragma once

#include <ctgrad/kernels/matmul_loops.hpp>
#include <ctgrad/kernels/small_matmul.hpp>

/// Matrix products, their functions and blocks chosen by shape at compile time.
namespace ctgrad::kernels {

/// Leaves a product as it is.
struct NoEpilogue {
  template <Size Rows, Size Columns, class T>
  void finish(T*, Size, Size, Size) const {}
};

/// The product of a table, or a part of it; scratch [scratch_count(shape)] is room. Of one with totals there
/// are no parts.
template <class T>
CTGRAD_NOINLINE void matmul(const MatmulTask<T>& task, T* c, const T* a, const T* b, double* scratch,
                            const FinishFunctions<T>& finish, CallPart part) {
  const Product<T> product{task, c, a, b, finish, part};
  T* room = reinterpret_cast<T*>(scratch + total_count(task.shape));
  if (has_totals(task.shape)) {
    product.run_in_double(scratch, room);
  } else {
    product.run(room);
  }
}

/// c = a b, or c += a b, for matrices of the given shape, each tile finished by the epilogue. Scratch
/// [scratch_count(S)] is room. `part` may be a part of it where has_parts says so.
template <MatmulShape S, class T, class Epilogue = NoEpilogue>
void matmul(T* c, const T* a, const T* b, [[maybe_unused]] double* scratch, const Epilogue& epilogue = {},
            [[maybe_unused]] CallPart part = {}) {
  if constexpr (S.rows == 0 || S.columns == 0) {
    return;
  } else if constexpr (is_small<S, T>) {
    SmallProduct<S, T, Epilogue>{c, a, b, epilogue}.run();
  } else {
    FinishFunctions<T> finish;
    if constexpr (!std::is_same_v<Epilogue, NoEpilogue>) finish = finish_functions<S, T>(epilogue);
    matmul(MatmulTaskOf<S, T>::value, c, a, b, scratch, finish, part);
  }
}

/// Whether a product of this shape, whatever the strides of its rows, can be computed in parts.
constexpr bool has_parts(const MatmulShape& s) {
  return s.rows * s.columns * s.inner > most_small && !has_totals(s);
}

/// Whether a product may have its A packed beforehand, and has use for that.
template <MatmulShape S, class T>
inline constexpr bool takes_packed_left = plan_of<S, T>.packs_a && !has_totals(S);

/// Packs A for any number of products that differ in the columns of B alone, to packed
/// [packed_left_count(S)].
template <MatmulShape S, class T>
void pack_left(T* packed, const T* a) {
  if constexpr (takes_packed_left<S, T>)
    Product<T>{MatmulTaskOf<S, T>::value, nullptr, a, nullptr, {}}.pack_left(packed);
}

/// The same as matmul, of a matrix A that pack_left has packed, where this product has use for that.
template <MatmulShape S, class T>
void matmul_packed(T* c, const T* a, const T* packed, const T* b, double* scratch) {
  if constexpr (takes_packed_left<S, T>) {
    Product<T>{MatmulTaskOf<S, T>::value, c, a, b, {}}.run_packed(packed, reinterpret_cast<T*>(scratch));
  } else {
    matmul<S>(c, a, b, scratch);
  }
}

}  // namespace ctgrad::kernels
