#pragma once

#include <ctgrad/nn/dropout.hpp>
#include <ctgrad/nn/feed_forward.hpp>
#include <ctgrad/nn/layer_norm.hpp>

/// What encoders and decoders have in common.
namespace ctgrad::nn {

/// Where a layer normalises: the sum of input and result (as Vaswani et al., 2017), or the input of what is
/// then added to it, with one more norm behind the last layer (Xiong et al., "On layer normalization in the
/// transformer architecture", 2020).
enum class NormPlacement : std::uint8_t { post, pre };

/// Options of Transformer layers, in their types.
struct TransformerOptions {
  Activation activation = Activation::relu;
  Epsilon epsilon = {};
  Rate dropout = Rate{0.1};       ///< behind attention and behind the feed-forward network
  Rate weight_dropout = Rate{0};  ///< of attention's weights
  NormPlacement norm = NormPlacement::post;
};

/// Gives back what it is given; no parameters.
struct Identity {
  BOOST_HANA_DEFINE_STRUCT(Identity);

  template <Size... D>
  constexpr Tensor<D...> operator()(const Tensor<D...>& x) const {
    return x;
  }
};

/// What stands behind the last layer of a stack.
template <Size Width, TransformerOptions Options>
using FinalNorm =
    std::conditional_t<Options.norm == NormPlacement::pre, LayerNorm<Width, Options.epsilon>, Identity>;

/// x and `inner` of it, added and normalised, or added after normalising: as the placement says.
template <NormPlacement Placement, class X, class Norm, class Inner>
constexpr X residual(const X& x, const Norm& norm, const Inner& inner) {
  if constexpr (Placement == NormPlacement::post) {
    return norm(x + inner(x));
  } else {
    return x + inner(norm(x));
  }
}

}  // namespace ctgrad::nn
