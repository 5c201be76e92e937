#pragma once

#include <ctgrad/graph/users.hpp>
#include <ctgrad/ops/linear_cross_entropy/rules.hpp>
#include <ctgrad/passes/attention_pattern.hpp>
#include <ctgrad/passes/fuser.hpp>
#include <ctgrad/passes/rewrite.hpp>

namespace ctgrad::passes {

/// A matched linear cross-entropy, its operands as they were before the pass.
struct LinearCrossEntropyMatch {
  ops::LinearCrossEntropyForm form;
  Value product;
  Value targets;
  Value bias;
  Value row_weights;
};

/// What a value is a reshape of.
constexpr Value unshaped(Value x) {
  while (x.node().operation == &operation<ops::Reshape>) x = x.operand(0);
  return x;
}

/// l = x w, m = l + b, n = cross_entropy(m, targets), s = sum(n)  ->  s = linear_cross_entropy(x, w, targets,
/// b)
///
/// Where the logits are many, and nothing else uses them or the losses of the rows. The losses may be
/// weighted, and rows of weight 0 left out by `select`; reshapes may lie between.
class LinearCrossEntropyFuser : public Fuser<LinearCrossEntropyFuser> {
 public:
  using Fuser::Fuser;
  static constexpr const Operation* sought = &operation<ops::CrossEntropy>;
  static constexpr const Operation* last = &operation<ops::Sum>;

  /// The fused loss in place of a sum of losses, if it is one.
  constexpr Value fused(std::int32_t id, Value) const {
    const Value sum{&graph(), id};
    if (sum.shape().size() != 1) return {};
    LinearCrossEntropyMatch match;
    if (!read_losses(sum, match)) return {};
    const Shape logits = match.product.shape();
    if (logits.size() < graph().passes.large_logits) return {};
    const Value targets = now(unshaped(match.targets));
    const Value x = matrix(match.product, 0);
    Shape rows = targets.shape();
    if (rows.rank == max_rank) return {};
    rows.push_back(x.shape().last());
    std::vector<Value> operands{ops::reshape(x, rows), matrix(match.product, 1), targets};
    if (match.form.bias) operands.push_back(ops::as_vector(now(match.bias)));
    if (match.form.weighted) operands.push_back(ops::reshape(now(match.row_weights), targets.shape()));
    return ops::reshape(emit_on<ops::LinearCrossEntropy>(match.form.attributes(), operands), sum.shape());
  }

 private:
  /// An operand that nothing else uses, below reshapes that nothing else uses; absent if there is none.
  constexpr Value below(Value x, int i) const {
    do {
      x = x.operand(i);
      if (!has_one_user(x.id)) return {};
      i = 0;
    } while (x.node().operation == &operation<ops::Reshape>);
    return x;
  }

  template <class Op>
  static constexpr bool is(Value x) {
    return !x.absent() && x.node().operation == &operation<Op>;
  }

  /// sum(losses) or sum(w losses)
  constexpr bool read_losses(Value sum, LinearCrossEntropyMatch& match) const {
    Value losses = below(sum, 0);
    if (is<ops::Mul>(losses)) {
      const int side = is<ops::CrossEntropy>(below(losses, 0)) ? 0 : 1;
      match.row_weights = losses.operand(1 - side);
      match.form.weighted = true;
      losses = below(losses, side);
    }
    if (!is<ops::CrossEntropy>(losses)) return false;
    match.targets = losses.operand(1);
    return read_logits(below(losses, 0), losses.operand(0).shape(), match);
  }

  /// x w or x w + b, also with the rows of weight 0 left out. Of the reshapes between, all keep the last
  /// axis.
  constexpr bool read_logits(Value logits, const Shape& shape, LinearCrossEntropyMatch& match) const {
    if (is<ops::Select>(logits)) {
      if (!match.form.weighted || !leaves_out(logits, shape.rows(), match.row_weights)) return false;
      match.form.ignores = true;
      logits = below(logits, 2);
    }
    if (is<ops::Add>(logits)) {
      const int side = is_bias(logits.operand(0), shape.last()) ? 0 : 1;
      match.bias = repeated(logits.operand(side));
      if (!is_bias(match.bias, shape.last())) return false;
      match.form.bias = true;
      logits = below(logits, 1 - side);
    }
    match.product = logits;
    return is<ops::Matmul>(logits) && logits.shape().rank == 2 && logits.shape().last() == shape.last();
  }

  /// One number for every column, the same in all rows.
  static constexpr bool is_bias(Value x, Size columns) {
    x = repeated(x);
    return x.shape().size() == columns && x.shape().rank > 0 && x.shape().last() == columns;
  }

  /// select(w == 0, 0, logits), the mask the same along rows
  static constexpr bool leaves_out(Value chosen, Size rows, Value weights) {
    Value mask = chosen.operand(0);
    while (is<ops::Broadcast>(mask)) mask = mask.operand(0);
    const Shape column = mask.shape();
    mask = unshaped(mask);
    if (column.size() != rows || column.last() != 1 || !is<ops::Equal>(mask)) return false;
    if (constant_of(chosen.operand(1)) != 0.0) return false;
    const int side = constant_of(mask.operand(1)) == 0.0 ? 0 : 1;
    return constant_of(mask.operand(1 - side)) == 0.0 && unshaped(mask.operand(side)) == unshaped(weights);
  }

  /// An operand of a product, not transposed.
  constexpr Value matrix(Value product, int i) const {
    const Value x = now(product.operand(i));
    return product.node().attributes.integers[i] == 0 ? x : ops::permute(x, {1, 0});
  }
};

/// The outputs of the nodes from `first` on with every large linear cross-entropy fused, if the graph's
/// passes say so.
constexpr void fuse_linear_cross_entropy(Graph& graph, std::int32_t first, std::span<Value> outputs) {
  if (graph.passes.linear_cross_entropy) LinearCrossEntropyFuser(graph, first).run(outputs);
}

/// A whole graph with every large linear cross-entropy fused, whatever its passes say.
constexpr Graph fuse_linear_cross_entropy(Graph graph) {
  return fuse<LinearCrossEntropyFuser>(std::move(graph));
}

/// y = linear_cross_entropy(x), g = linear_cross_entropy_gradients(x)  ->  y = the last result of g
constexpr Graph take_loss_from_gradients(Graph graph) {
  if (!has_operation(graph, &operation<ops::LinearCrossEntropy>)) return graph;
  return rewrite(std::move(graph), [](Value x, std::int32_t id) -> Value {
    if (x.node().operation != &operation<ops::LinearCrossEntropy>) return {};
    Node twin = (*x.graph)[id];
    twin.operation = &operation<ops::LinearCrossEntropyGradients>;
    bool found = false;
    for (const Node& other : x.graph->nodes()) {
      twin.type = other.type;
      found = found || other == twin;
    }
    if (!found) return {};
    std::vector<Value> operands;
    for (int i = 0; i < twin.operand_count; ++i) operands.push_back(x.operand(i));
    return ops::result(emit_on<ops::LinearCrossEntropyGradients>(twin.attributes, operands),
                       ops::LinearCrossEntropyGradients::loss(ops::LinearCrossEntropyForm(twin.attributes)));
  });
}

/// Whether a factor is so near to 1 that it makes no difference to what fits into a float whether gradients
/// are multiplied by it, or what they are sums of.
constexpr bool is_moderate_factor(double factor) {
  constexpr double most = 1 << 24;
  return (factor >= 1 / most && factor <= most) || (factor <= -1 / most && factor >= -most);
}

/// What the gradients of a graph's nodes of LinearCrossEntropyGradients are multiplied by. A mean divides by
/// how many losses there are, and so are its gradients divided: a pass over each of them, where one
/// multiplication for each row would do.
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
