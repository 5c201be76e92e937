#pragma once

#include <ctgrad/graph/define_struct.hpp>
#include <ctgrad/nn/parameter.hpp>
#include <ctgrad/ops/registry.hpp>

namespace ctgrad::nn {

/// Says whether the last axis of an input has the width of a layer.
template <Size LastAxis, Size Width>
struct input_width {
  static constexpr bool fits = LastAxis == Width;
};

/// The extent of an array's last axis; 0 for a scalar.
template <class T>
inline constexpr Size last_extent = T::rank == 0 ? 0 : T::shape[T::rank == 0 ? 0 : T::rank - 1];

/// x weight + bias: [..., Inputs] -> [..., Outputs].
template <Size Inputs, Size Outputs>
struct Linear {
  using Weight = Parameter<init::glorot_uniform, Inputs, Outputs>;
  using Bias = Parameter<init::zeros, Outputs>;
  BOOST_HANA_DEFINE_STRUCT(Linear, (Weight, weight), (Bias, bias));

  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x) const {
    static_assert(
        input_width<last_extent<Tensor<D...>>, Inputs>::fits,
        "Linear: the input's last axis (first number) is not as wide as the layer's inputs (second number)");
    return matmul(x, weight) + bias;
  }
};

}  // namespace ctgrad::nn
