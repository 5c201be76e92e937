#pragma once

#include <ctgrad/graph/layer_number.hpp>
#include <ctgrad/ops/registry.hpp>

namespace ctgrad::nn {

/// What may follow a layer's other arguments: a key, with which it drops, or nothing.
template <class T>
concept OptionalKey = std::same_as<T, Key>;

/// The key of a layer, of one that all layers of the model are given. The first one's is that key itself.
constexpr Key own_key(const LayerNumber& layer, const Key& key) {
  return layer.value == 0 ? key : fold_in(key, -layer.value);
}

/// Drops elements where it is given a key, at the given rate, and does nothing without one. As a member of a
/// model it drops others than the model's other layers do by the same key.
template <Rate R = Rate{}>
struct Dropout {
  BOOST_HANA_DEFINE_STRUCT(Dropout);
  LayerNumber layer_number;
  static_assert(ops::rate<R>::lies_between_0_and_1, "Dropout: the rate is not in [0, 1]");

  template <Size... D>
  constexpr Tensor<D...> operator()(const Tensor<D...>& x) const {
    return x;
  }
  template <Size... D>
  constexpr Tensor<D...> operator()(const Tensor<D...>& x, const Key& key) const {
    return dropout<R>(x, own_key(layer_number, key));
  }
};

}  // namespace ctgrad::nn
