#pragma once

#include <ctgrad/ops/maximum.hpp>
#include <ctgrad/ops/minimum.hpp>

namespace ctgrad {

constexpr Value clip(Value x, double low, double high) {
  return minimum(maximum(x, ops::beside(x, low)), ops::beside(x, high));
}

/// x moved into [low, high]; NaN stays NaN.
template <Size... D>
constexpr Tensor<D...> clip(const Tensor<D...>& x, double low, double high) {
  return minimum(maximum(x, low), high);
}

}  // namespace ctgrad
