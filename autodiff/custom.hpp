#pragma once

#include <ctgrad/autodiff/custom_rules.hpp>
#include <ctgrad/ops/identity.hpp>

/// Functions with derivatives of the user's own.
namespace ctgrad {
namespace autodiff {

/// f and a rule for it, told to the graph by the operation `Op<Rule, Result, Arguments...>`.
template <template <class...> class Op, class F, class Rule>
struct WithRule {
  F f;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    static_assert(std::is_empty_v<Rule> && std::is_default_constructible_v<Rule>,
                  "custom_tangent, custom_backward: the rule captures something");
    static_assert((real_leaves<Arguments>() + ... + 0) > 0,
                  "custom_tangent, custom_backward: no argument holds real numbers");
    Graph& graph = graph_of_trees(arguments...);
    const auto result = f(stop_gradient(arguments)...);
    using Result = std::remove_const_t<decltype(result)>;
    static_assert(real_leaves<Result>() > 0 && leaf_types<Result>(Kind::index).empty() &&
                      leaf_types<Result>(Kind::mask).empty(),
                  "custom_tangent, custom_backward: the function's result is not all real");
    Op<Rule, Result, Arguments...>::require_rule();
    std::vector<Value> operands{flattened(graph, Kind::real, result)};
    for (const Kind kind : {Kind::real, Kind::index, Kind::mask}) {
      const Value vector = flattened(graph, kind, arguments...);
      if (!vector.absent()) operands.push_back(vector);
    }
    Parts parts(emit_on<Op<Rule, Result, Arguments...>>({}, operands));
    return replace_leaves(result, [&](const Type& type) { return parts.next(type.shape); });
  }
};

}  // namespace autodiff

/// f with a tangent of the user's own: `rule(y, x..., dx...)`, where y = f(x...) and dx... are the tangents
/// of those arguments that hold real numbers, gives the tangent of y. It is linear in dx..., captures
/// nothing, and serves both modes, every order and `vmap`; y is differentiated by the rule again. What f
/// captures is constant to derivatives.
///
///     constexpr auto softplus = custom_tangent([](auto x) { return log(1 + exp(x)); },
///                                              [](auto, auto x, auto dx) { return sigmoid(x) * dx; });
template <class F, class Rule>
constexpr auto custom_tangent(F f, Rule) {
  return autodiff::WithRule<autodiff::CustomTangent, F, Rule>{f};
}

/// f with a reverse mode of the user's own: `rule(y, x..., u)`, where y = f(x...) and u is its cotangent,
/// gives the cotangents of the arguments that hold real numbers: one tree, or a std::tuple of several. It
/// captures nothing. Reverse mode calls it as it is, whatever it does with u (clip it, say); forward mode
/// transposes it, which fails with "not linear in what is transposed" where it is not linear in u. What f
/// captures is constant to derivatives.
///
///     constexpr auto clipped = custom_backward([](auto x) { return x; },
///                                              [](auto, auto, auto u) { return clip(u, -1, 1); });
template <class F, class Rule>
constexpr auto custom_backward(F f, Rule) {
  return autodiff::WithRule<autodiff::CustomBackward, F, Rule>{f};
}

}  // namespace ctgrad
