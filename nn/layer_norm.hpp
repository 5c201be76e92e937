#pragma once

#include <ctgrad/nn/linear.hpp>

namespace ctgrad::nn {

/// A small number added to a variance, as a template argument.
struct Epsilon {
  double value = 1e-6;
};

/// Rows of the last axis brought to mean 0 and variance 1, then scaled and shifted: [..., Width] -> [...,
/// Width].
template <Size Width, Epsilon E = Epsilon{}>
struct LayerNorm {
  using Scale = Parameter<init::ones, Width>;
  using Shift = Parameter<init::zeros, Width>;
  BOOST_HANA_DEFINE_STRUCT(LayerNorm, (Scale, scale), (Shift, shift));

  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x) const {
    static_assert(
        input_width<last_extent<Tensor<D...>>, Width>::fits,
        "LayerNorm: the input's last axis (first number) is not as wide as the layer (second number)");
    return layer_norm(x, scale, shift, E.value);
  }
};

}  // namespace ctgrad::nn
