#pragma once

#include <ctgrad/kernels/rows.hpp>

/// Euclidean norms of rows, whatever the size of their numbers.
namespace ctgrad::kernels {

/// sum(x^2)
template <Size Count, class T>
T sum_of_squares(const T* x) {
  Run<T> squares = Run<T>::filled(0);
  for_each_part<Count>(x, T{0}, [&](const auto& part, auto where) CTGRAD_INLINED {
    squares.parts[where.part].add_product(part, part);
  });
  return squares.sum();
}

/// sum(x^2) of a row, in blocks where it is long.
template <Size Width, class T>
T row_of_squares(const T* x) {
  if constexpr (Width <= longest_run) {
    return sum_of_squares<Width>(x);
  } else {
    double total = 0;
    for_each_run<Width>(
        [&](auto count, Size begin) { total += static_cast<double>(sum_of_squares<count>(x + begin)); });
    return static_cast<T>(total);
  }
}

/// The norm of a row times a power of two.
struct ScaledNorm {
  double scale;
  double norm;
};

/// That of a row whose squares overflow or vanish: times the power of two they do neither. NaN where a number
/// is NaN, else inf where one is infinite.
template <class T>
CTGRAD_RARE ScaledNorm scaled_norm(const T* x, Size width) {
  double largest = 0;
  for (Size j = 0; j < width; ++j) {
    const auto number = static_cast<double>(x[j]);
    if (is_nan(number)) return {1, number};
    largest = std::max(largest, std::abs(number));
  }
  if (largest == 0 || !is_finite(largest)) return {1, largest};
  const double scale = std::ldexp(1.0, std::min(-std::ilogb(largest), 1000));
  double squares = 0;
  for (Size j = 0; j < width; ++j) {
    const double number = static_cast<double>(x[j]) * scale;
    squares += number * number;
  }
  return {scale, std::sqrt(squares)};
}

/// sqrt(sum(x^2)), x [Width]
template <Size Width, class T>
T norm_row(const T* x) {
  const T squares = row_of_squares<Width>(x);
  if (is_exact(squares)) [[likely]]
    return std::sqrt(squares);
  const ScaledNorm all = scaled_norm(x, Width);
  return static_cast<T>(all.norm / all.scale);
}

/// y = x / norm(x), x and y [Width]; 0 where the norm is.
template <Size Width, class T>
void unit_row(T* __restrict y, const T* x) {
  const T squares = row_of_squares<Width>(x);
  if (is_exact(squares)) [[likely]] {
    const T norm = std::sqrt(squares);
    for (Size j = 0; j < Width; ++j) y[j] = x[j] / norm;
    return;
  }
  const ScaledNorm all = scaled_norm(x, Width);
  const double norm = all.norm == 0 ? 1 : all.norm;
  for (Size j = 0; j < Width; ++j) y[j] = static_cast<T>(static_cast<double>(x[j]) * all.scale / norm);
}

}  // namespace ctgrad::kernels
