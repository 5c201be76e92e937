#pragma once

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/graph/optimize.hpp>
#include <ctgrad/ops/weighted_mean.hpp>

/// A function of a part of a batch whose loss is a mean by weights, as sums: those of several parts add up.
namespace ctgrad {

/// What a weighted mean is the quotient of.
struct WeightedSum {
  BOOST_HANA_DEFINE_STRUCT(WeightedSum, (Tensor<>, total), (Tensor<>, weight));
};

/// The same, and the gradients of the total.
template <class G>
struct WeightedSumAndGradients {
  BOOST_HANA_DEFINE_STRUCT(WeightedSumAndGradients, (WeightedSum, sum), (G, gradients));
};

namespace autodiff {

/// x... -> the sums of the weighted mean f(x...)
template <class F>
struct WeightedSums {
  F f;

  /// Throws std::invalid_argument where the mean was assigned to.
  template <class... Arguments>
  constexpr WeightedSum operator()(const Arguments&... arguments) const {
    const WeightedMean mean = f(arguments...);
    if (!mean.is_mean) {
      throw std::invalid_argument(
          "weighted_mean: something else was assigned to the mean that a sharded program's function gives");
    }
    return {mean.total, mean.weight};
  }
};

/// Says whether a node follows from one of some others.
constexpr bool follows_from(const Graph& graph, std::int32_t id, const std::vector<Value>& others) {
  PerNode<bool> seen(graph.size());
  std::vector<std::int32_t> open{id};
  while (!open.empty()) {
    const std::int32_t next = open.back();
    open.pop_back();
    if (seen.data()[next]) continue;
    seen.data()[next] = true;
    for (const Value other : others) {
      if (other.id == next) return true;
    }
    const Node& node = graph[next];
    for (int i = 0; i < node.operand_count; ++i) open.push_back(node.operands[i]);
  }
  return false;
}

/// x... -> the sums of the weighted mean f(x...), and the gradients of the total.
template <class F, int... Chosen>
struct WeightedSumsAndGrad {
  F f;

  /// Throws std::invalid_argument where the weight follows from what is differentiated by: the mean's
  /// gradients are not the total's by the weight then.
  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    Graph& graph = graph_of_trees(arguments...);
    const auto seed = [](const auto&) { return WeightedSum{ones<>(), zeros<>()}; };
    const auto pulled = pull_back<Chosen...>(graph, WeightedSums<F>{f}, std::make_tuple(arguments...), seed);
    std::vector<Value> chosen;
    (append_leaves(graph, std::get<static_cast<std::size_t>(Chosen)>(std::tie(arguments...)), chosen), ...);
    if (follows_from(graph, pulled.value.weight.in(graph).id, chosen)) {
      throw std::invalid_argument(
          "weighted_mean: the sum of the weights follows from what gradients are taken of; in a sharded "
          "program it must not");
    }
    using Gradients = std::remove_cvref_t<decltype(pulled.cotangents)>;
    return WeightedSumAndGradients<Gradients>{pulled.value, pulled.cotangents};
  }
};

/// Whether a function of those arguments gives a weighted mean.
template <class F, class... Arguments>
constexpr bool gives_weighted_mean() {
  if constexpr (requires(const F& f) { f(Arguments{}...); }) {
    return std::is_base_of_v<WeightedMean,
                             std::remove_cvref_t<decltype(std::declval<const F&>()(Arguments{}...))>>;
  } else {
    return false;
  }
}

/// `sums_of<Arguments...>(f)` is f, or f as sums where its loss is a weighted mean of those arguments.
template <class... Arguments, class F>
constexpr auto sums_of(F f) {
  if constexpr (gives_weighted_mean<F, Arguments...>()) {
    return WeightedSums<F>{f};
  } else {
    return f;
  }
}
template <class... Arguments, class F, int... Chosen>
constexpr auto sums_of(ValueAndGrad<F, Chosen...> f) {
  if constexpr (gives_weighted_mean<F, Arguments...>()) {
    return WeightedSumsAndGrad<F, Chosen...>{f.f};
  } else {
    return f;
  }
}
template <class... Arguments, Optimize Passes, class F>
constexpr auto sums_of(Optimized<Passes, F> f) {
  return optimize<Passes>(sums_of<Arguments...>(f.f));
}

}  // namespace autodiff
}  // namespace ctgrad
