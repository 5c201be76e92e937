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

template <class Result>
struct result {
  static constexpr bool is_a_scalar = std::is_base_of_v<Tensor<>, Result>;
};

template <class F, int... Chosen>
struct ValueAndGrad {
  F f;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    using Result = decltype(f(arguments...));
    static_assert(result<Result>::is_a_scalar,
                  "grad: the gradient is of a scalar, the function's result is none");
    Graph& graph = graph_of_trees(arguments...);
    const auto one = [](const auto&) { return ones<>(); };
    const auto pulled = pull_back<Chosen...>(graph, f, std::tuple{arguments...}, one);
    using Gradients = std::remove_cvref_t<decltype(pulled.cotangents)>;
    return ValueAndGradients<Tensor<>, Gradients>{pulled.value, pulled.cotangents};
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
/// std::tuple. The gradient of a model is a model.
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
