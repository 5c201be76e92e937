#pragma once

#include <ctgrad/autodiff/blocks.hpp>
#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/jvp.hpp>
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

template <Mode M, class F, int... Chosen>
struct Jacobian {
  F f;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    static_assert((position<Chosen>::template exists_among<sizeof...(Arguments)> && ...),
                  "jacobian, hessian: the function has no argument at this position; the first is at 0");
    static_assert(positions<Chosen...>::differ, "jacobian, hessian: a position is chosen twice");
    static_assert((argument<Chosen, TypeAt<Chosen, Arguments...>>::is_real && ...),
                  "jacobian, hessian: integers, masks and keys have no derivative; choose arguments without "
                  "them, hessian<1>(f)");
    constexpr bool callable = requires { f(arguments...); };
    static_assert(argument_types<Arguments...>::template suit_the_function<callable>,
                  "jacobian, hessian: the function takes another number or other types of arguments; is a "
                  "model, an array or a Key missing?");
    if constexpr (callable && Among<Arguments...>::template real<Chosen...>()) {
      return of_result<std::remove_cvref_t<decltype(f(arguments...))>>(arguments...);
    } else {
      return unusable(arguments...);
    }
  }

 private:
  template <class Result, class... Arguments>
  constexpr auto of_result(const Arguments&... arguments) const {
    static_assert(
        result<Result>::is_real,
        "jacobian, hessian: the function's result holds integers or masks, which have no derivative; "
        "give them by a function of their own");
    if constexpr (all_real<Result>()) {
      using Chosens = std::tuple<TypeAt<Chosen, Arguments...>...>;
      using Argument = std::conditional_t<sizeof...(Chosen) == 1, std::tuple_element_t<0, Chosens>, Chosens>;
      constexpr bool forward =
          M == Mode::forward || (M == Mode::automatic && real_size<Argument>() < real_size<Result>());
      return blocks<Result, Argument>(matrix<forward, Result, Chosens>(arguments...), 0, 0);
    } else {
      return unusable(arguments...);
    }
  }

  /// A row for every element of the result, a column for every element of the chosen arguments.
  template <bool Forward, class Result, class Inputs, class... Arguments>
  constexpr Value matrix(const Arguments&... arguments) const {
    Graph& graph = graph_of_trees(arguments...);
    if constexpr (Forward) {
      const auto column = [&](auto at) {
        const auto pushed = [&](const auto&... tangents) {
          return jvp<Chosen...>(f)(arguments..., tangents...).tangent;
        };
        return ravel(std::apply(pushed, unravel<Inputs>(select(at, 1, 0))));
      };
      const auto columns = vmap(column)(unit_masks<Tensor<real_size<Inputs>()>>(graph));
      return ctgrad::transpose(columns).in(graph);
    } else {
      const auto row = [&](auto at) {
        return ravel(vjp<Chosen...>(f)(arguments..., unravel<Result>(select(at, 1, 0))).cotangents);
      };
      return vmap(row)(unit_masks<Tensor<real_size<Result>()>>(graph)).in(graph);
    }
  }
};

template <int At, class F>
struct Hvp {
  F f;

  /// The arguments of f, then the vector.
  template <class... All>
  constexpr auto operator()(const All&... all) const {
    constexpr int vector = sizeof...(All) - 1;
    static_assert(position<At>::template exists_among<vector>,
                  "hvp: the function has no argument at this position (the first is at 0); the last argument "
                  "of an hvp is the vector");
    static_assert(argument<At, TypeAt<At, All...>>::is_real,
                  "hvp: integers, masks and keys have no derivative; choose another argument, hvp<1>(f)");
    static_assert(argument<At, TypeAt<At, All...>>::template has_a_tangent_like<TypeAt<vector, All...>>,
                  "hvp: the vector has the type of the argument");
    if constexpr (position<At>::template exists_among<vector> && argument<At, TypeAt<At, All...>>::is_real &&
                  std::is_same_v<TypeAt<At, All...>, TypeAt<vector, All...>>) {
      return jvp<At>(grad<At>(f))(all...).tangent;
    } else {
      return unusable(all...);
    }
  }
};

}  // namespace autodiff

/// The function x... -> Jacobian of f with respect to the first argument: [E..., D...] for an argument [D...]
/// and a result [E...]. Other positions are named, `jacobian<Mode::automatic, 0, 2>(f)`. Of trees it has a
/// block for each of the result's arrays and each of the arguments' (several arguments are a std::tuple of
/// them): for std::tuples and std::arrays a tree like the result of trees like the arguments, for structs,
/// like models, one matrix of `Blocks`.
template <Mode M = Mode::automatic, int First = 0, int... Others, class F>
constexpr auto jacobian(F f) {
  return autodiff::Jacobian<M, F, First, Others...>{f};
}

/// The function x... -> Hessian of the scalar f with respect to the first argument or, `hessian<0, 2>(f)`,
/// others: [D..., D...] for an argument [D...], of trees the blocks that `jacobian` has of the gradient.
/// Forward over reverse.
template <int First = 0, int... Others, class F>
constexpr auto hessian(F f) {
  return jacobian<Mode::forward, First, Others...>(grad<First, Others...>(f));
}

/// The function (x..., v) -> the Hessian of the scalar f times v, without the Hessian: forward over reverse.
/// For models too. Source: Pearlmutter, "Fast exact multiplication by the Hessian", 1994.
template <int At = 0, class F>
constexpr auto hvp(F f) {
  return autodiff::Hvp<At, F>{f};
}

}  // namespace ctgrad
