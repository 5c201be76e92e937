#pragma once

#include <ctgrad/autodiff/flat.hpp>
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

/// What the operands of such an operation say: the result y of a function and its arguments, as vectors, of
/// one kind each. A call of the rule is given a direction besides: a tangent or a cotangent.
template <class Rule, class Result, class... Arguments>
struct CustomRule {
  static constexpr bool ids = !leaf_types<Arguments...>(Kind::index).empty();
  static constexpr bool masks = !leaf_types<Arguments...>(Kind::mask).empty();

  /// Calls the rule with y, the arguments and a tangent for each that holds real numbers: the result's
  /// tangent. `values`: y, arguments, tangents, then ids and masks where there are any.
  static constexpr Value tangent(Graph& graph, const std::vector<Value>& values) {
    Parts index(ids ? values[3] : Value{});
    Parts mask(masks ? values.back() : Value{});
    Parts y_parts(values[0]);
    Parts x_parts(values[1]);
    Parts dx_parts(values[2]);
    const Result y = from_parts<Result>(y_parts, index, mask);
    const std::tuple<Arguments...> x{from_parts<Arguments>(x_parts, index, mask)...};
    return [&]<int... At>(Positions<At...>) {
      const std::tuple<std::tuple_element_t<static_cast<std::size_t>(At), std::tuple<Arguments...>>...>
          tangents{replace_leaves(std::get<static_cast<std::size_t>(At)>(x),
                                  [&](const Type& type) { return dx_parts.next(type.shape); })...};
      const auto dy = std::apply(Rule{}, std::tuple_cat(std::tuple<Result>{y}, x, tangents));
      static_assert(std::is_same_v<std::remove_cvref_t<decltype(dy)>, Result>,
                    "custom_tangent: the rule's result has another type than the function's");
      return flattened(graph, Kind::real, dy);
    }(real_positions<Arguments...>());
  }

  /// Calls the rule with y, the arguments and a cotangent of y: the arguments' cotangents. `values`: the
  /// cotangent, y and the arguments in one vector, then ids and masks where there are any.
  static constexpr Value cotangents(Graph& graph, const std::vector<Value>& values) {
    Parts index(ids ? values[2] : Value{});
    Parts mask(masks ? values.back() : Value{});
    Parts u_parts(values[0]);
    Parts yx_parts(values[1]);
    const Result y = from_parts<Result>(yx_parts, index, mask);
    const std::tuple<Arguments...> x{from_parts<Arguments>(yx_parts, index, mask)...};
    const Result u = replace_leaves(y, [&](const Type& type) { return u_parts.next(type.shape); });
    const auto cotangents =
        std::apply(Rule{}, std::tuple_cat(std::tuple<Result>{y}, x, std::tuple<Result>{u}));
    [&]<int... At>(Positions<At...>) {
      using Cotangents = std::remove_cvref_t<decltype(cotangents)>;
      using Trees =
          std::tuple<std::tuple_element_t<static_cast<std::size_t>(At), std::tuple<Arguments...>>...>;
      static_assert(
          std::is_same_v<std::tuple<Cotangents>, Trees> || std::is_same_v<Cotangents, Trees>,
          "custom_backward: the rule's results have other types than the arguments, real ones alone");
    }(real_positions<Arguments...>());
    return flattened(graph, Kind::real, cotangents);
  }
};

/// f(x...) whose tangent is Rule(y, x..., dx...). Operands: f(x...), x..., ids, masks.
template <class Rule, class Result, class... Arguments>
struct CustomTangent {
  static constexpr auto name = "custom_tangent";
  static constexpr bool has_kernel = false;
  static constexpr Linearity linearity = Linearity::nonlinear;
  using Custom = CustomRule<Rule, Result, Arguments...>;

  static constexpr Type infer(const Type* operands, const Attributes&) { return operands[0]; }
  static constexpr Value definition(const DefinitionArguments& d) { return d.operands[0]; }
  static constexpr Value tangent(const TangentArguments& t) {
    std::vector<Value> values{t.result, t.operands[1], t.tangents[1]};
    for (int i = 2; i < 2 + Custom::ids + Custom::masks; ++i) values.push_back(t.operands[i]);
    Graph& graph = *t.result.graph;
    return over_leading_axes(graph, values, t.result.shape().rank - 1,
                             [&](const std::vector<Value>& v) { return Custom::tangent(graph, v); });
  }
};

/// The linear function whose transpose is u -> Rule(y, x..., u). Operands: its argument, y and x..., ids,
/// masks.
template <class Rule, class Result, class... Arguments>
struct Forward {
  static constexpr auto name = "custom_forward";
  static constexpr bool has_kernel = false;
  static constexpr Linearity linearity = Linearity::nonlinear;
  using Custom = CustomRule<Rule, Result, Arguments...>;
  static constexpr int operand_count = 2 + Custom::ids + Custom::masks;

  static constexpr Type infer(const Type* operands, const Attributes&) {
    Type type = operands[0];
    type.shape[type.shape.rank - 1] = real_size<Result>();
    return type;
  }

  /// The rule transposed, if it is linear: throws std::logic_error where it is not.
  static constexpr Value definition(const DefinitionArguments& d) {
    Graph& graph = d.graph;
    const std::vector<Value> values(d.operands, d.operands + operand_count);
    const Value forward =
        over_leading_axes(graph, values, d.type.shape.rank - 1, [&](std::vector<Value> v) -> Value {
          const std::vector<Value> u{ops::input(graph, {Kind::real, shape_of(real_size<Result>())})};
          const std::vector<Value> dx{v[0]};
          v[0] = u[0];
          const std::vector<Value> cotangents{Custom::cotangents(graph, v)};
          return autodiff::transpose(graph, u, cotangents, dx)[0];
        });
    return forward.absent() ? ops::constant(graph, 0, d.type.shape) : forward;
  }

  static constexpr Value transpose(const TransposeArguments& t) {
    if (t.operand != 0) throw std::logic_error("custom_forward: linear in its first operand alone");
    std::vector<Value> values(t.operands, t.operands + operand_count);
    values[0] = t.cotangent;
    Graph& graph = *t.cotangent.graph;
    return over_leading_axes(graph, values, t.cotangent.shape().rank - 1,
                             [&](const std::vector<Value>& v) { return Custom::cotangents(graph, v); });
  }
};

/// f(x...) whose cotangents are Rule(y, x..., u). Operands: f(x...), x..., ids, masks.
template <class Rule, class Result, class... Arguments>
struct CustomBackward {
  static constexpr auto name = "custom_backward";
  static constexpr bool has_kernel = false;
  static constexpr Linearity linearity = Linearity::nonlinear;
  using Custom = CustomRule<Rule, Result, Arguments...>;

  static constexpr Type infer(const Type* operands, const Attributes&) { return operands[0]; }
  static constexpr Value definition(const DefinitionArguments& d) { return d.operands[0]; }
  static constexpr Value tangent(const TangentArguments& t) {
    using Op = Forward<Rule, Result, Arguments...>;
    const int axis = t.result.shape().rank - 1;
    const Value yx = ops::concatenate(t.result, t.operands[1], axis);
    if constexpr (Custom::ids && Custom::masks) {
      return emit<Op>(t.tangents[1], yx, t.operands[2], t.operands[3]);
    } else if constexpr (Custom::ids || Custom::masks) {
      return emit<Op>(t.tangents[1], yx, t.operands[2]);
    } else {
      return emit<Op>(t.tangents[1], yx);
    }
  }
};

}  // namespace ctgrad::autodiff
