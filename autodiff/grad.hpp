#pragma once

#include <ctgrad/autodiff/vjp.hpp>

/// Gradients of scalar functions.
namespace ctgrad {

/// A scalar function's value and its gradients.
template <class T, class G>
struct ValueAndGradients {
  BOOST_HANA_DEFINE_STRUCT(ValueAndGradients, (T, value), (G, gradients));
};

namespace autodiff {

template <class F, int... Chosen>
struct ValueAndGrad {
  F f;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    static_assert((position<Chosen>::template exists_among<sizeof...(Arguments)> && ...),
                  "grad, value_and_grad: the function has no argument at this position; the first is at 0");
    static_assert(positions<Chosen...>::differ, "grad, value_and_grad: a position is chosen twice");
    static_assert((argument<Chosen, TypeAt<Chosen, Arguments...>>::is_real && ...),
                  "grad, value_and_grad: integers, masks and keys have no derivative; choose arguments "
                  "without them, grad<1>(f)");
    constexpr bool callable = requires { f(arguments...); };
    static_assert(argument_types<Arguments...>::template suit_the_function<callable>,
                  "grad, value_and_grad: the function takes another number or other types of arguments; is a "
                  "model, an array or a Key missing?");
    if constexpr (callable && Among<Arguments...>::template real<Chosen...>()) {
      return of_result<std::remove_cvref_t<decltype(f(arguments...))>>(arguments...);
    } else {
      return unusable_pair(arguments...);
    }
  }

 private:
  template <class Result, class... Arguments>
  constexpr auto of_result(const Arguments&... arguments) const {
    static_assert(result<Result>::is_a_scalar,
                  "grad, value_and_grad: the gradient is of a scalar, the function's result is none; take "
                  "its sum or mean");
    if constexpr (result<Result>::is_a_scalar) {
      Graph& graph = graph_of_trees(arguments...);
      const auto one = [](const auto&) { return ones<>(); };
      const auto pulled = pull_back<Chosen...>(graph, f, std::make_tuple(arguments...), one);
      using Gradients = std::remove_cvref_t<decltype(pulled.cotangents)>;
      return ValueAndGradients<Tensor<>, Gradients>{pulled.value, pulled.cotangents};
    } else {
      return unusable_pair(arguments...);
    }
  }

  template <class... Arguments>
  static constexpr auto unusable_pair(const Arguments&... arguments) {
    using Any = decltype(unusable(arguments...));
    return ValueAndGradients<Any, Any>{unusable(arguments...), unusable(arguments...)};
  }
};

template <class F, int... Chosen>
struct Grad {
  ValueAndGrad<F, Chosen...> value_and_grad;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    return value_and_grad(arguments...).gradients;
  }
};

}  // namespace autodiff

/// The function x... -> {f(x...), gradient of f}, f's result being a scalar. The gradient is with respect to
/// the first argument; other positions are named, `value_and_grad<0, 2>(f)`, and several gradients come as a
/// std::tuple. The gradient of a model is a model. What is differentiated holds real numbers alone: an Index,
/// a Mask, a Key or a tree with one of them is a compile error.
template <int First = 0, int... Others, class F>
constexpr auto value_and_grad(F f) {
  return autodiff::ValueAndGrad<F, First, Others...>{f};
}

/// The function x... -> gradient of f; arguments are chosen as in `value_and_grad`.
template <int First = 0, int... Others, class F>
constexpr auto grad(F f) {
  return autodiff::Grad<F, First, Others...>{{f}};
}

}  // namespace ctgrad
