#pragma once

#include <ctgrad/autodiff/arguments.hpp>

/// A function's derivative at a point as a function of its own: found once, applied as often as needed, in
/// both directions.
namespace ctgrad {
namespace autodiff {

/// The derivative of a function with arguments of types `Inputs...` and the given result at a point.
template <class Result, class... Inputs>
class LinearMap {
 public:
  constexpr LinearMap(Graph& graph, Result like, std::tuple<Inputs...> inputs,
                      std::vector<Value> placeholders, std::vector<Value> outputs)
      : graph_(&graph),
        like_(like),
        inputs_(std::move(inputs)),
        placeholders_(std::move(placeholders)),
        outputs_(std::move(outputs)) {}

  /// J v...
  constexpr Result operator()(const Inputs&... v) const {
    std::vector<Value> tangents;
    (append_leaves(*graph_, v, tangents), ...);
    std::vector<Dual> along;
    for (std::size_t i = 0; i < tangents.size(); ++i) along.push_back({placeholders_[i], tangents[i]});
    std::vector<Value> present;
    for (const Value output : outputs_) present.push_back(output.absent() ? placeholders_.front() : output);
    std::vector<Value> results = tangents_of(autodiff::push_forward(*graph_, placeholders_, along, present));
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (outputs_[i].absent()) results[i] = {};
    }
    return with_leaves(*graph_, like_, results);
  }

  /// Jᵀ u: one tree, or a tuple of them for several arguments.
  constexpr auto transpose(const Result& u) const {
    std::vector<Value> seeds;
    append_leaves(*graph_, u, seeds);
    std::vector<Value> outputs;
    std::vector<Value> cotangents;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      if (outputs_[i].absent()) continue;
      outputs.push_back(outputs_[i]);
      cotangents.push_back(seeds[i]);
    }
    const std::vector<Value> pulled = autodiff::transpose(*graph_, placeholders_, outputs, cotangents);
    std::size_t first = 0;
    const auto tree = [&](const auto& like) {
      const std::size_t begin = first;
      first += static_cast<std::size_t>(real_leaves<std::remove_cvref_t<decltype(like)>>());
      return with_leaves(*graph_, like, pulled, begin);
    };
    if constexpr (sizeof...(Inputs) == 1) {
      return tree(std::get<0>(inputs_));
    } else {
      return std::apply([&](const auto&... like) { return std::tuple{tree(like)...}; }, inputs_);
    }
  }

 private:
  Graph* graph_;
  Result like_;
  std::tuple<Inputs...> inputs_;
  std::vector<Value> placeholders_;
  std::vector<Value> outputs_;  ///< absent where the derivative is zero
};

}  // namespace autodiff

/// What `linearize` gives: the value, and the derivative as a function.
template <class Result, class Map>
struct Linearized {
  Result value;
  Map derivative;
};

namespace autodiff {

/// What `linearize` gives after a static_assert has failed.
template <class First, class... Others>
constexpr auto not_linearized(const First& first, const Others&...) {
  return Linearized<First, First>{first, first};
}

template <int... At, class F, class... Arguments>
constexpr auto linearize_at(Positions<At...>, const F& f, const std::tuple<Arguments...>& arguments) {
  using Result = std::remove_cvref_t<decltype(f(std::declval<const Arguments&>()...))>;
  static_assert(
      (argument<At, TypeAt<At, Arguments...>>::is_real && ...),
      "linearize: integers, masks and keys have no derivative; give them as arguments of their own");
  static_assert(result<Result>::is_real,
                "linearize: the function's result holds integers or masks, which have no derivative; give "
                "them by a function of their own");
  if constexpr (all_real<Result>() && Among<Arguments...>::template real<At...>()) {
    Graph& graph = std::apply([](const auto&... x) -> Graph& { return graph_of_trees(x...); }, arguments);
    const auto traced = trace_on_placeholders<At...>(graph, f, arguments);
    std::vector<Value> placeholders;
    for (const Value input : traced.inputs) placeholders.push_back(ops::input(graph, input.type()));
    const std::vector<Dual> duals = traced.push_forward(graph, placeholders);
    using Map = LinearMap<Result, TypeAt<At, Arguments...>...>;
    return Linearized<Result, Map>{
        with_leaves(graph, traced.result, primals_of(duals)),
        Map(graph, traced.result, std::make_tuple(std::get<static_cast<std::size_t>(At)>(arguments)...),
            placeholders, tangents_of(duals))};
  } else {
    return std::apply([](const auto&... x) { return not_linearized(x...); }, arguments);
  }
}

}  // namespace autodiff

/// {f(x...), the derivative of f at x...}, within a traced function: the value once, and the derivative to be
/// applied to many directions, `derivative(v)`, and cotangents, `derivative.transpose(u)`. It is by every
/// argument that holds real numbers; such an argument and the result hold real numbers alone.
///
///     const auto [value, derivative] = linearize(f, x);
template <class F, class... Arguments>
constexpr auto linearize(const F& f, const Arguments&... arguments) {
  constexpr bool callable = requires { f(arguments...); };
  static_assert(autodiff::argument_types<Arguments...>::template suit_the_function<callable>,
                "linearize: the function takes another number or other types of arguments; is a "
                "model, an array or a Key missing?");
  static_assert(autodiff::argument_types<Arguments...>::include_a_real_one,
                "linearize: no argument of the function holds real numbers");
  if constexpr (callable && autodiff::argument_types<Arguments...>::include_a_real_one) {
    return autodiff::linearize_at(autodiff::real_positions<Arguments...>(), f, std::make_tuple(arguments...));
  } else {
    return autodiff::not_linearized(arguments...);
  }
}

}  // namespace ctgrad
