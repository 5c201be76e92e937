#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/elementwise.hpp>

namespace ctgrad::ops {

/// Integers and truth values as real numbers; true is 1.
struct AsReal : Elementwise {
  static constexpr auto name = "as_real";
  static auto onnx(const auto& x) { return as_real(x[0]); }
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Type infer(const Type* x, const Attributes&) { return {Kind::real, x[0].shape}; }
  static constexpr Samples samples() {
    using namespace sample;
    Samples samples{of_every_shape({index()}), {}};
    for (const Sample& of_mask : of_every_shape({mask()})) samples.accepted.push_back(of_mask);
    return samples;
  }

  template <class T>
  static T apply(T x) {
    return x;
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value as_real(Value x) { return x.kind() == Kind::real ? x : emit<ops::AsReal>(x); }

/// Integers and truth values as real numbers of the same shape; true is 1. Constant to derivatives.
template <Kind K, Size... D>
constexpr Tensor<D...> as_real(const Array<K, D...>& x) {
  return Tensor<D...>{as_real(x.in(graph_of(x)))};
}

}  // namespace ctgrad
