#pragma once

#include <ctgrad/autodiff/tree_vectors.hpp>
#include <ctgrad/autodiff/vmap.hpp>

/// Operations whose derivative is a rule that the user wrote. They have no kernel: before a graph is run
/// their definition takes their place.
namespace ctgrad::autodiff {

/// A function of vectors, `function(values)`, of values that all have `axes` more axes in front, as under
/// `vmap`.
template <class Function>
constexpr Value over_leading_axes(Graph& graph, const std::vector<Value>& values, int axes,
                                  Function function) {
  if (axes == 0) return function(values);
  const Size count = values.front().shape()[0];
  std::vector<Value> placeholders;
  for (const Value value : values) {
    placeholders.push_back(ops::input(graph, {value.kind(), dropped_axis(value.shape(), 0)}));
  }
  const Value single = over_leading_axes(graph, placeholders, axes - 1, function);
  if (single.absent()) return {};
  Vectorizer vectorizer(graph, placeholders, values, count);
  vectorizer.walk({&single, 1});
  return vectorizer.batched(single);
}

/// A rule and the types of what it is called with. Its values are vectors: a direction, that is a tangent or
/// a cotangent, the function's result y, its arguments x, then ids and masks where there are any.
template <class Rule, class Result, class... Arguments>
struct CustomRule {
  static constexpr bool ids = !leaf_types<Arguments...>(Kind::index).empty();
  static constexpr bool masks = !leaf_types<Arguments...>(Kind::mask).empty();
  static constexpr int value_count = 3 + (ids ? 1 : 0) + (masks ? 1 : 0);

  using Inputs = std::tuple<Arguments...>;
  /// Those of the arguments that hold real numbers.
  template <int... At>
  static std::tuple<std::tuple_element_t<static_cast<std::size_t>(At), Inputs>...> real(Positions<At...>);
  using Real = decltype(real(real_positions<Arguments...>()));
  /// The only one of them, or all.
  using OnlyReal = std::conditional_t<std::tuple_size_v<Real> == 1, std::tuple_element_t<0, Real>, Real>;

  /// What the rule gives for (y, x..., directions...); void if it does not take them.
  template <class... Directions>
  static constexpr auto found(std::type_identity<std::tuple<Directions...>>) {
    if constexpr (requires(const Result& y, const Arguments&... x, const Directions&... directions) {
                    Rule{}(y, x..., directions...);
                  }) {
      return std::type_identity<std::remove_cvref_t<decltype(Rule{}(
          std::declval<const Result&>(), std::declval<const Arguments&>()...,
          std::declval<const Directions&>()...))>>{};
    } else {
      return std::type_identity<void>{};
    }
  }
  template <class Directions>
  using Found = typename decltype(found(std::type_identity<Directions>{}))::type;

  /// y and x... as trees, as the rule takes them.
  static constexpr auto trees(const std::vector<Value>& values) {
    Parts index(ids ? values[3] : Value{});
    Parts mask(masks ? values.back() : Value{});
    Parts y(values[1]);
    Parts x(values[2]);
    return std::tuple<Result, Arguments...>{from_parts<Result>(y, index, mask),
                                            from_parts<Arguments>(x, index, mask)...};
  }

  /// Rule(y, x..., dx...): the result's tangent.
  static constexpr Value tangent(Graph& graph, const std::vector<Value>& values) {
    Parts parts(values[0]);
    const auto called_with = trees(values);
    return [&]<int... At>(Positions<At...>) {
      const Real tangents{replace_leaves(std::get<static_cast<std::size_t>(At) + 1>(called_with),
                                         [&](const Type& type) { return parts.next(type.shape); })...};
      const auto dy = std::apply(Rule{}, std::tuple_cat(called_with, tangents));
      return flattened(graph, Kind::real, dy);
    }(real_positions<Arguments...>());
  }

  /// Rule(y, x..., u): the arguments' cotangents.
  static constexpr Value cotangents(Graph& graph, const std::vector<Value>& values) {
    Parts parts(values[0]);
    const auto called_with = trees(values);
    const std::tuple<Result> u{
        replace_leaves(std::get<0>(called_with), [&](const Type& type) { return parts.next(type.shape); })};
    const auto found = std::apply(Rule{}, std::tuple_cat(called_with, u));
    return flattened(graph, Kind::real, found);
  }
};

/// What a rule gives for what it is called with; void if it does not take that.
template <class Found>
struct rule_result {
  static constexpr bool is_there = !std::is_void_v<Found>;
  template <class... Expected>
  static constexpr bool is_a = (std::is_same_v<Found, Expected> || ...);
};

/// f(x...) with a rule beside it. Operands: f(x...), x..., ids, masks.
struct FunctionWithRule {
  static constexpr bool has_kernel = false;
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* operands, const Attributes&) { return operands[0]; }
  static constexpr Value definition(const DefinitionArguments& d) { return d.operands[0]; }
  static constexpr Value batch(const BatchArguments& b) { return ops::emit_batched(b, b.node.attributes); }

  /// The values that a rule is called with along the tangent of x..., which is the only one there is.
  template <class Custom>
  static constexpr std::vector<Value> rule_values(const TangentArguments& t) {
    std::vector<Value> values{t.tangents[1], t.result};
    values.insert(values.end(), t.operands + 1, t.operands + Custom::value_count - 1);
    return values;
  }
};

/// f(x...) whose tangent is Rule(y, x..., dx...).
template <class Rule, class Result, class... Arguments>
struct CustomTangent : FunctionWithRule {
  static constexpr auto name = "custom_tangent";
  using Custom = CustomRule<Rule, Result, Arguments...>;

  /// Holds the rule against them. It gives something, so that a compiler looks into it where it is called.
  static constexpr auto require_rule() {
    using Found = typename Custom::template Found<typename Custom::Real>;
    static_assert(
        rule_result<Found>::is_there,
        "custom_tangent: the rule takes (y, x..., dx...): the function's result, its arguments and a "
        "tangent for each that holds real numbers");
    static_assert(!rule_result<Found>::is_there || rule_result<Found>::template is_a<Result>,
                  "custom_tangent: the rule's result has another type than the function's");
    return true;
  }

  static constexpr Value tangent(const TangentArguments& t) {
    Graph& graph = *t.result.graph;
    return over_leading_axes(graph, rule_values<Custom>(t), t.result.shape().rank - 1,
                             [&](const std::vector<Value>& v) { return along(graph, v); });
  }

 private:
  /// The rule's value. Structural zeros of dx stay zero in it, as it is linear in dx: it is called for a
  /// placeholder and pushed forward along dx.
  static constexpr Value along(Graph& graph, std::vector<Value> values) {
    const Value dx = values[0];
    if (StructuralZeros(graph).mask(dx).absent()) return Custom::tangent(graph, values);
    values[0] = ops::input(graph, dx.type());
    const Value dy = Custom::tangent(graph, values);
    const Dual pushed{values[0], dx};
    return autodiff::push_forward(graph, {values.data(), 1}, {&pushed, 1}, {&dy, 1})[0].tangent;
  }
};

/// The linear function whose transpose is u -> Rule(y, x..., u). Operands: its argument, y, x..., ids, masks.
template <class Rule, class Result, class... Arguments>
struct CustomForward {
  static constexpr auto name = "custom_forward";
  static constexpr bool has_kernel = false;
  static constexpr Linearity linearity = Linearity::nonlinear;
  using Custom = CustomRule<Rule, Result, Arguments...>;

  static constexpr Type infer(const Type* operands, const Attributes&) { return operands[1]; }
  static constexpr Value batch(const BatchArguments& b) { return ops::emit_batched(b, b.node.attributes); }

  /// The rule transposed, if it is linear: throws std::logic_error where it is not.
  static constexpr Value definition(const DefinitionArguments& d) {
    Graph& graph = d.graph;
    const std::vector<Value> values(d.operands, d.operands + Custom::value_count);
    const Value forward =
        over_leading_axes(graph, values, d.type.shape.rank - 1, [&](std::vector<Value> v) -> Value {
          const Value dx = v[0];
          v[0] = ops::input(graph, v[1].type());
          const Value cotangents = Custom::cotangents(graph, v);
          return autodiff::transpose(graph, {v.data(), 1}, {&cotangents, 1}, {&dx, 1})[0];
        });
    return forward.absent() ? ops::constant(graph, 0, d.type.shape) : forward;
  }

  static constexpr Value transpose(const TransposeArguments& t) {
    if (t.operand != 0) throw std::logic_error("custom_forward: linear in its first operand alone");
    std::vector<Value> values(t.operands, t.operands + Custom::value_count);
    values[0] = t.cotangent;
    Graph& graph = *t.cotangent.graph;
    return over_leading_axes(graph, values, t.cotangent.shape().rank - 1,
                             [&](const std::vector<Value>& v) { return Custom::cotangents(graph, v); });
  }
};

/// f(x...) whose cotangents are Rule(y, x..., u).
template <class Rule, class Result, class... Arguments>
struct CustomBackward : FunctionWithRule {
  static constexpr auto name = "custom_backward";
  using Custom = CustomRule<Rule, Result, Arguments...>;

  /// Holds the rule against them. It gives something, so that a compiler looks into it where it is called.
  static constexpr auto require_rule() {
    using Real = typename Custom::Real;
    using Found = typename Custom::template Found<std::tuple<Result>>;
    static_assert(
        rule_result<Found>::is_there,
        "custom_backward: the rule takes (y, x..., u): the function's result, its arguments and the "
        "result's cotangent");
    static_assert(
        !rule_result<Found>::is_there || rule_result<Found>::template is_a<Real, typename Custom::OnlyReal>,
        "custom_backward: the rule's results have other types than the arguments, real ones alone");
    return true;
  }

  static constexpr Value tangent(const TangentArguments& t) {
    return emit_on<CustomForward<Rule, Result, Arguments...>>(
        {}, rule_values<CustomRule<Rule, Result, Arguments...>>(t));
  }
};

}  // namespace ctgrad::autodiff
