// Compiled with options that let a compiler do arithmetic otherwise than it is written: this ends with 1
// where such an option shows. See check.
#include <ctgrad/kernels/bf16.hpp>
#include <ctgrad/kernels/norm.hpp>
#include <ctgrad/ops/max.hpp>
#include <ctgrad/ops/maximum.hpp>
#include <ctgrad/ops/minimum.hpp>
#include <ctgrad/train/clip.hpp>
#include <ctgrad/train/non_finite.hpp>

#include <bit>
#include <cstdio>

namespace {

/// A number that the compiler knows nothing of.
template <class T>
T unknown(T number) {
  volatile T memory = number;
  return memory;
}

template <class T>
bool holds() {
  const T infinity = unknown(std::numeric_limits<T>::infinity());
  const T nan = unknown(std::numeric_limits<T>::quiet_NaN());
  const T one = unknown(T{1});
  const T row[] = {one, nan, one};
  const T masked[] = {-infinity, -infinity, -infinity};
  const T bad[] = {one, infinity, nan};
  T y[3];
  ctgrad::kernels::softmax_row<3>(y, masked);
  bool right = y[0] == 0 && y[2] == 0;
  ctgrad::kernels::softmax_row<3>(y, row);
  right = right && ctgrad::is_nan(y[0]);
  right = right && ctgrad::is_nan(ctgrad::kernels::row_max<3>(row)) && !ctgrad::is_finite(infinity);
  right = right && ctgrad::first_non_finite(std::span<const T>(bad)) == 1;
  right = right && !ctgrad::finite_as<float>(static_cast<double>(infinity)) &&
          !ctgrad::finite_as<float>(static_cast<double>(nan));
  right = right && ctgrad::is_nan(ctgrad::kernels::exp(nan)) && ctgrad::kernels::exp(-infinity) == 0;
  right = right && std::abs(ctgrad::kernels::exp(unknown(T{0.7F})) - std::exp(T{0.7F})) < T{1e-6F};
  right = right && ctgrad::is_nan(ctgrad::ops::Maximum::apply(nan, one)) &&
          ctgrad::is_nan(ctgrad::ops::Minimum::apply(nan, one)) &&
          ctgrad::is_nan(ctgrad::ops::Max::combine(nan, one)) &&
          ctgrad::is_nan(ctgrad::kernels::norm_row<3>(row)) &&
          ctgrad::is_nan(to_float(ctgrad::kernels::to_bf16(static_cast<float>(nan))));
  right = right && ctgrad::MaxNorm(1).factor(static_cast<double>(infinity)) == 0;
  return right && ctgrad::is_nan(ctgrad::global_norm(std::span<const T>(row)));
}

}  // namespace

int main() {
  const bool right = holds<float>() && holds<double>();
  std::puts(right ? "right" : "wrong");
  return right ? 0 : 1;
}
