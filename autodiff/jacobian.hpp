#pragma once

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/jvp.hpp>
#include <ctgrad/autodiff/vmap.hpp>
#include <ctgrad/ops/batch.hpp>

/// Whole Jacobians and Hessians, each as one program.
namespace ctgrad {

/// How a Jacobian is found: a column at a time forward, a row at a time in reverse, or the way with fewer of
/// them.
enum class Mode : std::uint8_t { automatic, forward, reverse };

namespace autodiff {

/// Where the unit vectors of a tensor are 1: [size, D...]. A unit vector is chosen by such a mask, so that
/// infinite slopes of other elements leave its zeros alone.
template <class T>
constexpr auto unit_masks(Graph& graph) {
  constexpr Size n = T::size;
  const Index<n, n> rows{ops::iota(graph, shape_of(n, n), 0)};
  const Index<n, n> columns{ops::iota(graph, shape_of(n, n), 1)};
  return reshape_to<ops::with_leading_axis(n, T::shape)>(rows == columns);
}

/// The shape of the Jacobian of a Result by an Argument.
template <class Result, class Argument>
constexpr Shape jacobian_shape() {
  Shape all = Result::shape;
  for (int axis = 0; axis < Argument::rank; ++axis) all.push_back(Argument::shape[axis]);
  return all;
}

template <Mode M, int At, class F>
struct Jacobian {
  F f;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    using Argument = std::tuple_element_t<static_cast<std::size_t>(At), std::tuple<Arguments...>>;
    using Result = decltype(f(arguments...));
    static_assert(ArrayLike<Result> && ArrayLike<Argument>,
                  "jacobian: argument and result are one tensor each");
    constexpr bool forward = M == Mode::forward || (M == Mode::automatic && Argument::size < Result::size);
    Graph& graph = graph_of_trees(arguments...);
    if constexpr (forward) {
      const auto column = [&](auto at) { return jvp<At>(f)(arguments..., select(at, 1, 0)).tangent; };
      const auto columns = reshape<Argument::size, Result::size>(vmap(column)(unit_masks<Argument>(graph)));
      return reshape_to<jacobian_shape<Result, Argument>()>(ctgrad::transpose(columns));
    } else {
      const auto row = [&](auto at) { return vjp<At>(f)(arguments..., select(at, 1, 0)).cotangents; };
      return reshape_to<jacobian_shape<Result, Argument>()>(vmap(row)(unit_masks<Result>(graph)));
    }
  }
};

template <int At, class F>
struct Hvp {
  F f;

  /// The arguments of f, then the vector.
  template <class... All>
  constexpr auto operator()(const All&... all) const {
    return jvp<At>(grad<At>(f))(all...).tangent;
  }
};

}  // namespace autodiff

/// The function x... -> Jacobian of f with respect to the argument at position `At`: [E..., D...] for an
/// argument [D...] and a result [E...].
template <Mode M = Mode::automatic, int At = 0, class F>
constexpr auto jacobian(F f) {
  return autodiff::Jacobian<M, At, F>{f};
}

/// The function x... -> Hessian of the scalar f with respect to the argument at position `At`: [D..., D...],
/// forward over reverse.
template <int At = 0, class F>
constexpr auto hessian(F f) {
  return jacobian<Mode::forward, At>(grad<At>(f));
}

/// The function (x..., v) -> the Hessian of the scalar f times v, without the Hessian: forward over reverse.
/// For models too. Source: Pearlmutter, "Fast exact multiplication by the Hessian", 1994.
template <int At = 0, class F>
constexpr auto hvp(F f) {
  return autodiff::Hvp<At, F>{f};
}

}  // namespace ctgrad
