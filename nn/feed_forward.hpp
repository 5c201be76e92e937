#pragma once

#include <ctgrad/nn/linear.hpp>

namespace ctgrad::nn {

enum class Activation : std::uint8_t { relu, gelu, gelu_tanh, silu };

template <Activation A, Size... D>
constexpr Tensor<D...> activate(const Tensor<D...>& x) {
  if constexpr (A == Activation::relu) return relu(x);
  if constexpr (A == Activation::gelu) return gelu(x);
  if constexpr (A == Activation::gelu_tanh) return gelu(x, GeluForm::tanh);
  if constexpr (A == Activation::silu) return silu(x);
}

/// Two linear layers with an activation between, on every token: [..., Width] -> [..., Width].
template <Size Width, Size Hidden, Activation A = Activation::relu>
struct FeedForward {
  using Expand = Linear<Width, Hidden>;
  using Contract = Linear<Hidden, Width>;
  BOOST_HANA_DEFINE_STRUCT(FeedForward, (Expand, expand), (Contract, contract));

  template <Size... D>
  constexpr auto operator()(const Tensor<D...>& x) const {
    return contract(activate<A>(expand(x)));
  }
};

}  // namespace ctgrad::nn
