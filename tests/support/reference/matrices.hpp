#pragma once

#include <support/reference/reference.hpp>

#include <ctgrad/ops/matmul.hpp>

namespace ctgrad::test {

/// The element at (row, column) of the matrix that a leading position chooses.
inline double matrix_element(const Numbers& x, Position batch, std::size_t row, std::size_t column,
                             bool transposed) {
  batch.push_back(transposed ? column : row);
  batch.push_back(transposed ? row : column);
  return at(x, batch);
}

template <>
inline Numbers reference<ops::Matmul>(const Call& x) {
  const bool left = x.attributes().integers[0] != 0;
  const bool right = x.attributes().integers[1] != 0;
  const std::size_t rank = x.shape().size();
  const std::size_t inner = x[0].shape(left ? rank - 2 : rank - 1);
  Numbers result(x.shape());
  for_each_position(x.shape(), [&](const Position& p) {
    const Position batch(p.begin(), p.end() - 2);
    long double sum = 0;
    for (std::size_t k = 0; k < inner; ++k) {
      sum += static_cast<long double>(matrix_element(x[0], batch, p[rank - 2], k, left)) *
             static_cast<long double>(matrix_element(x[1], batch, k, p[rank - 1], right));
    }
    at(result, p) = static_cast<double>(sum);
  });
  return result;
}

}  // namespace ctgrad::test
