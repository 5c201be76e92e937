#pragma once

#include <ctgrad/kernels/matmul.hpp>

#include <limits>

#ifdef CTGRAD_BLAS
#include <array>
#include <xtensor-blas/xblas.hpp>
#include <xtensor/xadapt.hpp>

#if defined(__GNUC__) && defined(__ELF__)
/// OpenBLAS' own: weak, since other libraries lack it.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int count);
#define CTGRAD_MAYBE_OPENBLAS
#endif
#endif

/// Matrix products by a CBLAS, through xtensor-blas, in builds that define CTGRAD_BLAS: the CMake option of
/// that name does, and links one.
namespace ctgrad::kernels {

/// The multiplications of the smallest product that goes to the BLAS; ./dev bench --blas measures from how
/// many on it pays. CTGRAD_BLAS_LEAST, an option of CMake as well, is another number.
#ifdef CTGRAD_BLAS_LEAST
inline constexpr Size blas_least = CTGRAD_BLAS_LEAST;
#else
inline constexpr Size blas_least = Size{1} << 30;
#endif

/// Whether the BLAS can compute a product as exactly as matmul does, and without copies: a long inner axis is
/// summed up in blocks, and xt::blas::gemm copies operands whose rows do not lie side by side.
constexpr bool blas_fits(const MatmulShape& s) {
  constexpr Size largest = std::numeric_limits<int>::max();
  const bool dense = s.left_stride == 0 && s.right_stride == 0 && s.result_stride == 0 && s.chain == 0;
  return dense && s.rows > 0 && s.columns > 0 && s.inner > 0 && s.inner <= longest_inner &&
         s.rows <= largest && s.columns <= largest;
}

/// Whether the BLAS computes a product.
constexpr bool blas_pays(const MatmulShape& s) {
  return blas_fits(s) && s.rows * s.columns * s.inner >= blas_least;
}

#ifdef CTGRAD_BLAS

/// Keeps OpenBLAS in the thread that calls it, from the first product on: it would start one for every core,
/// and small products wait for them longer than they take.
inline void use_one_blas_thread() {
#ifdef CTGRAD_MAYBE_OPENBLAS
  static const bool is_openblas = [] {
    if (openblas_set_num_threads == nullptr) return false;
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(is_openblas);
#endif
}

/// c = a b, or c += a b, by the BLAS where the matrices lie: it fits them, as blas_fits says.
template <class T>
void blas_gemm(const MatmulShape& s, T* c, const T* a, const T* b) {
  const auto matrix = [](auto* first, Size rows, Size columns) {
    const std::array<std::size_t, 2> shape{static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)};
    return xt::adapt(first, shape[0] * shape[1], xt::no_ownership(), shape);
  };
  use_one_blas_thread();
  auto result = matrix(c, s.rows, s.columns);
  xt::blas::gemm(s.transpose_left ? matrix(a, s.inner, s.rows) : matrix(a, s.rows, s.inner),
                 s.transpose_right ? matrix(b, s.columns, s.inner) : matrix(b, s.inner, s.columns), result,
                 s.transpose_left, s.transpose_right, T{1}, s.accumulate ? T{1} : T{0});
}

#endif

/// Whether matmul_or_blas can compute a product in parts.
constexpr bool has_parts_beside_blas(const MatmulShape& s) {
#ifdef CTGRAD_BLAS
  return has_parts(s) && !blas_pays(s);
#else
  return has_parts(s);
#endif
}

/// matmul, by the BLAS where that pays: then the epilogue goes over all of C, row by row.
template <MatmulShape S, class T, class Epilogue>
void matmul_or_blas(T* c, const T* a, const T* b, double* totals, const Epilogue& epilogue,
                    [[maybe_unused]] CallPart part = {}) {
#ifdef CTGRAD_BLAS
  if constexpr (blas_pays(S)) {
    blas_gemm(S, c, a, b);
    for (Size i = 0; i < S.rows; ++i)
      epilogue.template finish<1, S.columns>(c + i * S.columns, i, 0, S.columns);
  } else
#endif
    matmul<S>(c, a, b, totals, epilogue, part);
}

}  // namespace ctgrad::kernels
