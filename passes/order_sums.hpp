#pragma once

#include <ctgrad/graph/users.hpp>
#include <ctgrad/ops/add.hpp>
#include <ctgrad/passes/rewrite.hpp>

namespace ctgrad::passes {

/// x + (a b + c d)  ->  (x + a b) + c d: matrix products become the last terms of a sum, one by one, so that
/// each can be added in place to the terms before it.
class SumOrderer {
 public:
  constexpr explicit SumOrderer(const Graph& graph) : users_(graph), is_output_(graph.size()) {
    for (const std::int32_t id : graph.outputs) is_output_[id] = true;
  }

  /// The sum with its products last; absent if it is a term of a larger sum or has fewer than two products.
  /// `id` is its number in the old graph.
  constexpr Value operator()(Value sum, std::int32_t id) const {
    const Graph& graph = *sum.graph;
    if (!is_sum(graph, id) || continues(graph, id)) return {};
    Terms terms;
    if (!collect(sum, id, terms) || terms.count < 3 || terms.products < 2) return {};
    Value ordered;
    for (const bool products : {false, true}) {
      for (int i = 0; i < terms.count; ++i) {
        if (terms.is_product[i] != products) continue;
        const Value term = ops::reshape(terms.values[i], sum.shape());
        ordered = ordered.absent() ? term : emit<ops::Add>(ordered, term);
      }
    }
    return ordered;
  }

 private:
  static constexpr int most_terms = 16;

  struct Terms {
    int count = 0;
    int products = 0;
    Value values[most_terms];
    bool is_product[most_terms] = {};
  };

  static constexpr bool is_sum(const Graph& graph, std::int32_t id) { return graph[id].operation->adds; }
  /// Says whether one node alone uses a node.
  constexpr bool serves_one(std::int32_t id) const { return !is_output_[id] && users_[id].size() == 1; }

  /// Says whether a sum is a term of a larger one, straight or reshaped.
  constexpr bool continues(const Graph& graph, std::int32_t id) const {
    while (serves_one(id)) {
      id = users_[id].front();
      if (is_sum(graph, id)) return true;
      if (graph[id].operation != &operation<ops::Reshape>) return false;
    }
    return false;
  }

  /// Collects the terms of a sum, and says whether there is room for all.
  constexpr bool collect(Value sum, std::int32_t id, Terms& terms) const {
    for (int i = 0; i < 2; ++i) {
      const Value term = sum.operand(i);
      Value value = term;
      std::int32_t old = (*sum.graph)[id].operands[i];
      while (serves_one(old) && value.node().operation == &operation<ops::Reshape> &&
             (*sum.graph)[old].operation == &operation<ops::Reshape>) {
        value = value.operand(0);
        old = (*sum.graph)[old].operands[0];
      }
      const bool alone = serves_one(old) && value.node().operation == (*sum.graph)[old].operation;
      if (alone && is_sum(*sum.graph, old)) {
        if (!collect(value, old, terms)) return false;
        continue;
      }
      if (terms.count == most_terms) return false;
      terms.is_product[terms.count] = alone && value.node().operation->has_epilogue;
      terms.products += terms.is_product[terms.count] ? 1 : 0;
      terms.values[terms.count++] = term;
    }
    return true;
  }

  Users users_;
  PerNode<bool> is_output_;
};

constexpr Graph order_sums(Graph graph) {
  const SumOrderer order(graph);
  return rewrite(std::move(graph), [&](Value x, std::int32_t id) { return order(x, id); });
}

}  // namespace ctgrad::passes
