#pragma once

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/graph/define_struct.hpp>

/// Reverse mode: a vector times the Jacobian.
namespace ctgrad {

/// A function's value and the cotangents of its arguments.
template <class T, class C>
struct ValueAndCotangents {
  BOOST_HANA_DEFINE_STRUCT(ValueAndCotangents, (T, value), (C, cotangents));
};

namespace autodiff {

/// f's value at the arguments and, for the cotangents that `seed(value)` gives for it, those of the arguments
/// at `Chosen`: one tree, or a tuple of them when several are chosen.
template <int... Chosen, class F, class Arguments, class Seed>
constexpr auto pull_back(Graph& graph, const F& f, const Arguments& arguments, const Seed& seed) {
  const auto traced = trace_on_placeholders<Chosen...>(graph, f, arguments);
  std::vector<Value> linear_inputs;
  for (const Value input : traced.inputs) linear_inputs.push_back(ops::input(graph, input.type()));
  const std::vector<Dual> duals = traced.push_forward(graph, linear_inputs);
  const auto value = with_leaves(graph, traced.result, primals_of(duals));

  std::vector<Value> outputs;
  std::vector<Value> cotangents;
  std::vector<Value> seeds;
  append_leaves(graph, seed(value), seeds);
  for (std::size_t i = 0; i < duals.size(); ++i) {
    if (duals[i].tangent.absent()) continue;
    outputs.push_back(duals[i].tangent);
    cotangents.push_back(seeds[i]);
  }
  const std::vector<Value> pulled = autodiff::transpose(graph, linear_inputs, outputs, cotangents);

  std::size_t first = 0;
  const auto tree = [&](const auto& argument) {
    const std::size_t begin = first;
    first += static_cast<std::size_t>(real_leaves<std::remove_cvref_t<decltype(argument)>>());
    return with_leaves(graph, argument, pulled, begin);
  };
  if constexpr (sizeof...(Chosen) == 1) {
    auto cotangent = tree(std::get<static_cast<std::size_t>(Chosen)>(arguments)...);
    return ValueAndCotangents<std::remove_const_t<decltype(value)>, decltype(cotangent)>{value, cotangent};
  } else {
    std::tuple trees{tree(std::get<static_cast<std::size_t>(Chosen)>(arguments))...};
    return ValueAndCotangents<std::remove_const_t<decltype(value)>, decltype(trees)>{value, trees};
  }
}

template <class F, int... Chosen>
struct Vjp {
  F f;

  template <class... All>
  constexpr auto operator()(const All&... all) const {
    static_assert(argument_types<All...>::template are_at_least<2>,
                  "vjp: the arguments are those of the function, then its result's cotangent");
    if constexpr (sizeof...(All) >= 2) {
      return of_arguments(std::make_tuple(all...), std::make_index_sequence<sizeof...(All) - 1>{});
    } else {
      return ValueAndCotangents<All..., All...>{all..., all...};
    }
  }

 private:
  template <class Any>
  static constexpr auto unusable_pair(const Any& any) {
    return ValueAndCotangents<Any, Any>{any, any};
  }

  template <class All, std::size_t... I>
  constexpr auto of_arguments(const All& all, std::index_sequence<I...>) const {
    if constexpr (sizeof...(Chosen) > 0) {
      return at(Positions<Chosen...>{}, all, std::make_tuple(std::get<I>(all)...));
    } else {
      using Types = argument_types<std::tuple_element_t<I, All>...>;
      static_assert(Types::include_a_real_one, "vjp: no argument of the function holds real numbers");
      return at(real_positions<std::tuple_element_t<I, All>...>(), all, std::make_tuple(std::get<I>(all)...));
    }
  }

  template <int... At, class All, class... Arguments>
  constexpr auto at(Positions<At...> chosen, const All& all,
                    const std::tuple<Arguments...>& arguments) const {
    static_assert((position<At>::template exists_among<sizeof...(Arguments)> && ...),
                  "vjp: the function has no argument at this position; the first is at 0, and the last of a "
                  "vjp is the result's cotangent");
    static_assert(positions<At...>::differ, "vjp: a position is chosen twice");
    static_assert(
        (argument<At, TypeAt<At, Arguments...>>::is_real && ...),
        "vjp: integers, masks and keys have no derivative; choose arguments without them, vjp<1>(f)");
    constexpr bool callable = requires(const Arguments&... x) { f(x...); };
    static_assert(argument_types<Arguments...>::template suit_the_function<callable>,
                  "vjp: the function takes another number or other types of arguments; the last of a vjp is "
                  "the result's cotangent");
    if constexpr (callable && sizeof...(At) > 0 && Among<Arguments...>::template real<At...>()) {
      return of_result(chosen, all, arguments);
    } else {
      return unusable_pair(std::get<0>(all));
    }
  }

  template <int... At, class All, class... Arguments>
  constexpr auto of_result(Positions<At...>, const All& all,
                           const std::tuple<Arguments...>& arguments) const {
    const auto& cotangent = std::get<sizeof...(Arguments)>(all);
    using Cotangent = std::remove_cvref_t<decltype(cotangent)>;
    using Result = std::remove_cvref_t<decltype(f(std::declval<const Arguments&>()...))>;
    static_assert(
        result<Result>::is_real,
        "vjp: the function's result holds integers or masks, which have no derivative; give them by "
        "a function of their own");
    static_assert(result<Result>::template has_a_cotangent_like<Cotangent>,
                  "vjp: the cotangent has the type of the function's result");
    if constexpr (all_real<Result>() && std::is_same_v<Result, Cotangent>) {
      Graph& graph = std::apply([](const auto&... x) -> Graph& { return graph_of_trees(x...); }, all);
      return pull_back<At...>(graph, f, arguments, [&](const auto&) { return cotangent; });
    } else {
      return unusable_pair(cotangent);
    }
  }
};

}  // namespace autodiff

/// The function (x..., u) -> {f(x...), the cotangents of x... for the cotangent u of the result}: for every
/// argument that holds real numbers, or for those at the positions `Chosen`. Several are given as a
/// std::tuple. Such an argument and the result hold real numbers alone.
template <int... Chosen, class F>
constexpr auto vjp(F f) {
  return autodiff::Vjp<F, Chosen...>{f};
}

}  // namespace ctgrad
