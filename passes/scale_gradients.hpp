#pragma once

#include <ctgrad/graph/users.hpp>
#include <ctgrad/ops/linear_cross_entropy/rules.hpp>
#include <ctgrad/passes/attention_pattern.hpp>
#include <ctgrad/passes/fuser.hpp>
#include <ctgrad/passes/rewrite.hpp>

/// A mean divides by how many losses there are, and so are its gradients divided: a pass over each of them,
/// where one multiplication for each row would do.
namespace ctgrad::passes {

/// Whether a factor is so near to 1 that it makes no difference to what fits into a float whether gradients
/// are multiplied by it, or what they are sums of.
constexpr bool is_moderate_factor(double factor) {
  constexpr double most = 1 << 24;
  return (factor >= 1 / most && factor <= most) || (factor <= -1 / most && factor >= -most);
}

/// What the gradients of a graph's nodes of LinearCrossEntropyGradients are multiplied by.
class FactorsOfGradients {
 public:
  /// Of a graph without dead nodes.
  constexpr explicit FactorsOfGradients(Graph& graph) : graph_(graph), users_(graph), factors_(graph.size()) {
    double* factors = factors_.data();
    for (std::int32_t id = 0; id < graph.size(); ++id) {
      if (graph[id].operation != &operation<ops::LinearCrossEntropyGradients>) continue;
      factors[id] = common_factor(id);
      for (const std::int32_t part : users_[id]) {
        if (is_loss({&graph, part})) continue;
        for (const std::int32_t product : users_[part]) factors[product] = factors[id];
      }
    }
  }

  /// The number that all gradients of a node are multiplied by, where nothing else uses them; for such a
  /// product the same; else 0.
  constexpr double operator[](std::int32_t id) const { return factors_.data()[id]; }

 private:
  constexpr double common_factor(std::int32_t gradients) const {
    if (ops::LinearCrossEntropyGradients::factor(graph_[gradients].attributes) != 1) return 0;
    double common = 0;
    for (const std::int32_t id : users_[gradients]) {
      const Value part{&graph_, id};
      if (is_loss(part)) continue;
      if (is_output(id)) return 0;
      for (const std::int32_t user : users_[id]) {
        const double factor = factor_of({&graph_, user}, part);
        if (!is_moderate_factor(factor) || (common != 0 && common != factor)) return 0;
        common = factor;
      }
    }
    return common;
  }

  static constexpr bool is_loss(Value part) {
    const ops::LinearCrossEntropyForm form(part.operand(0).node().attributes);
    return part.node().attributes.integers[0] == ops::LinearCrossEntropyGradients::loss(form);
  }

  constexpr bool is_output(std::int32_t id) const {
    for (const std::int32_t output : graph_.outputs) {
      if (output == id) return true;
    }
    return false;
  }

  /// What a node multiplies an operand by, if that is all it does; else 0.
  static constexpr double factor_of(Value x, Value operand) {
    if (x.node().operation != &operation<ops::Mul>) return 0;
    return constant_of(x.operand(x.operand(0) == operand ? 1 : 0)).value_or(0);
  }

  Graph& graph_;
  Users users_;
  PerNode<double> factors_;
};

/// g = linear_cross_entropy_gradients(x), y = c result(g)  ->  y = result(linear_cross_entropy_gradients(x))
/// with the factor c, where this is all that becomes of the gradients.
constexpr Graph scale_gradients(Graph graph) {
  if (!has_operation(graph, &operation<ops::LinearCrossEntropyGradients>)) return graph;
  const FactorsOfGradients factors(graph);
  return rewrite(std::move(graph), [&](Value x, std::int32_t id) -> Value {
    if (factors[id] == 0) return {};
    if (x.node().operation == &operation<ops::Mul>)
      return x.operand(x.operand(0).node().operation == &operation<ops::Result> ? 0 : 1);
    Node scaled = x.node();
    scaled.attributes.value = factors[id];
    return {x.graph, x.graph->add(scaled)};
  });
}

}  // namespace ctgrad::passes
