#pragma once

#include <ctgrad/autodiff/by_definition.hpp>
#include <ctgrad/autodiff/require.hpp>
#include <ctgrad/passes/fuse_attention.hpp>
#include <ctgrad/passes/fuse_linear_cross_entropy.hpp>

/// What the transforms share: functions of trees traced on placeholders of their own.
namespace ctgrad::autodiff {

template <class... Trees>
constexpr Graph& graph_of_trees(const Trees&... trees) {
  Graph* graph = nullptr;
  const auto find = [&](const auto& leaf) { graph = graph != nullptr ? graph : leaf.value.graph; };
  (for_each_leaf(trees, find), ...);
  if (graph == nullptr)
    throw std::logic_error("literals alone have no graph: give at least one traced tensor");
  return *graph;
}

/// The real arrays of a tree as values.
template <class T>
constexpr void append_leaves(Graph& graph, const T& tree, std::vector<Value>& values) {
  for_each_leaf(tree, [&](const auto& leaf) {
    if (leaf.kind == Kind::real) values.push_back(leaf.in(graph));
  });
}

/// The tree with every real array replaced, in order, by next(its type).
template <class T, class Next>
constexpr T replace_leaves(T tree, Next next) {
  for_each_leaf(tree, [&](auto& leaf) {
    if (leaf.kind == Kind::real) leaf.value = next(leaf.type);
  });
  return tree;
}

/// The tree with the given values for its real arrays, zeros where one is absent.
template <class T>
constexpr T with_leaves(Graph& graph, const T& tree, const std::vector<Value>& values,
                        std::size_t first = 0) {
  return replace_leaves(tree, [&](const Type& type) {
    const Value value = values[first++];
    return value.absent() ? ops::constant(graph, 0, type.shape) : value;
  });
}

/// The tree on fresh inputs, which are appended to `placeholders`.
template <class T>
constexpr T on_placeholders(Graph& graph, const T& tree, std::vector<Value>& placeholders) {
  return replace_leaves(tree, [&](const Type& type) {
    placeholders.push_back(ops::input(graph, type));
    return placeholders.back();
  });
}

/// A function traced with placeholders for the chosen ones of its arguments.
template <class Result>
struct Traced {
  Result result;
  std::vector<Value> inputs;        ///< what the chosen arguments hold
  std::vector<Value> placeholders;  ///< what the function was traced on in their place
  std::vector<Value> outputs;       ///< the result's real arrays

  constexpr std::vector<Dual> push_forward(Graph& graph, const std::vector<Value>& tangents) const {
    std::vector<Dual> duals;
    for (std::size_t i = 0; i < inputs.size(); ++i) duals.push_back({inputs[i], tangents[i]});
    return autodiff::push_forward(graph, placeholders, duals, outputs);
  }
};

/// Traces f on placeholders for the arguments whose positions are among `Chosen`.
template <int... Chosen, class F, class Arguments>
constexpr auto trace_on_placeholders(Graph& graph, const F& f, const Arguments& arguments) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    std::vector<Value> inputs;
    std::vector<Value> placeholders;
    const auto placed = [&]<std::size_t At>(std::integral_constant<std::size_t, At>) {
      const auto& argument = std::get<At>(arguments);
      if constexpr (((Chosen == static_cast<int>(At)) || ...)) {
        append_leaves(graph, argument, inputs);
        return on_placeholders(graph, argument, placeholders);
      } else {
        return argument;
      }
    };
    const Arguments traced_arguments{placed(std::integral_constant<std::size_t, I>{})...};
    auto result = f(std::get<I>(traced_arguments)...);
    std::vector<Value> outputs;
    append_leaves(graph, result, outputs);
    if (!placeholders.empty()) {
      passes::fuse_attention(graph, placeholders.front().id, outputs);
      passes::fuse_linear_cross_entropy(graph, placeholders.front().id, outputs);
    }
    return Traced<decltype(result)>{result, inputs, placeholders, outputs};
  }(std::make_index_sequence<std::tuple_size_v<Arguments>>{});
}

constexpr std::vector<Value> primals_of(const std::vector<Dual>& duals) {
  std::vector<Value> primals;
  for (const Dual& dual : duals) primals.push_back(dual.primal);
  return primals;
}

constexpr std::vector<Value> tangents_of(const std::vector<Dual>& duals) {
  std::vector<Value> tangents;
  for (const Dual& dual : duals) tangents.push_back(dual.tangent);
  return tangents;
}

/// The positions of arguments.
template <int... At>
struct Positions {
  static constexpr int count = static_cast<int>(sizeof...(At));
};

/// The positions among `Arguments` that hold real numbers.
template <class... Arguments>
constexpr auto real_positions() {
  constexpr auto list = []<int... I>(std::integer_sequence<int, I...>) {
    return std::tuple_cat([] {
      if constexpr (real_leaves<Arguments>() > 0) {
        return std::tuple<std::integral_constant<int, I>>{};
      } else {
        return std::tuple<>{};
      }
    }()...);
  }(std::make_integer_sequence<int, static_cast<int>(sizeof...(Arguments))>{});
  return std::apply([](auto... at) { return Positions<decltype(at)::value...>{}; }, list);
}

}  // namespace ctgrad::autodiff
