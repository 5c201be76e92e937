#pragma once

#include <ctgrad/graph/define_struct.hpp>
#include <ctgrad/ops/registry.hpp>

namespace ctgrad::nn {

/// What may follow a layer's other arguments: a key, with which it drops, or nothing.
template <class T>
concept OptionalKey = std::same_as<T, Key>;

/// Drops elements where it is given a key, at the given rate, and does nothing without one.
template <Rate R = Rate{}>
struct Dropout {
  BOOST_HANA_DEFINE_STRUCT(Dropout);
  static_assert(ops::rate<R>::lies_between_0_and_1, "Dropout: the rate is not in [0, 1]");

  template <Size... D>
  constexpr Tensor<D...> operator()(const Tensor<D...>& x) const {
    return x;
  }
  template <Size... D>
  constexpr Tensor<D...> operator()(const Tensor<D...>& x, const Key& key) const {
    return dropout<R>(x, key);
  }
};

}  // namespace ctgrad::nn
