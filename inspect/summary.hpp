#pragma once

#include <ctgrad/inspect/explanation.hpp>
#include <ctgrad/inspect/operation_costs.hpp>
#include <ctgrad/inspect/summary_table.hpp>
#include <ctgrad/runtime/input_names.hpp>
#include <ctgrad/runtime/trace.hpp>

/// A model at a glance: `std::cout << cg::summary(parameters)`, or with what a run costs
/// `std::cout << cg::summary(program)`.
namespace ctgrad {

template <class Scalar, auto Function, class... Arguments>
class BasicProgram;
template <class Scalar, std::size_t Shards, auto Function, class... Arguments>
class BasicShardedProgram;
template <class T, class S>
class Parameters;

namespace summarizing {

/// The rows of a model's parameters: a layer of one part has no row of its own.
class Rows {
 public:
  Rows(const std::vector<FlatEntry>& entries, const std::vector<Size>& flops, std::size_t scalar)
      : entries_(entries), flops_(flops), scalar_(scalar) {}

  std::vector<SummaryRow> run() {
    add(0, entries_.size(), "", 0);
    return std::move(rows_);
  }

 private:
  /// Of the parameters from `begin` to `end`, all of which are in the layer `path` (which ends in a point).
  void add(std::size_t begin, std::size_t end, const std::string& path, std::size_t depth) {
    while (begin < end) {
      std::string part = path + first_part(begin, path);
      std::size_t last = begin;
      while (last < end && is_in(last, part)) ++last;
      if (last == begin) {
        rows_.push_back(sum(begin, begin + 1, part, path, depth, false));
        ++begin;
        continue;
      }
      part = deepest_common(begin, last, part);
      if (last == begin + 1) {
        rows_.push_back(sum(begin, last, entries_[begin].name, path, depth, false));
      } else {
        rows_.push_back(sum(begin, last, part, path, depth, true));
        add(begin, last, part + ".", depth + 1);
      }
      begin = last;
    }
  }

  std::string first_part(std::size_t entry, const std::string& path) const {
    const std::string rest = entries_[entry].name.substr(path.size());
    return rest.substr(0, rest.find('.'));
  }
  bool is_in(std::size_t entry, const std::string& layer) const {
    return entries_[entry].name.starts_with(layer + ".");
  }

  /// The innermost layer that all of these are in.
  std::string deepest_common(std::size_t begin, std::size_t end, std::string layer) const {
    while (true) {
      const std::string deeper = layer + "." + first_part(begin, layer + ".");
      for (std::size_t i = begin; i < end; ++i) {
        if (!is_in(i, deeper)) return layer;
      }
      layer = deeper;
    }
  }

  SummaryRow sum(std::size_t begin, std::size_t end, const std::string& path, const std::string& above,
                 std::size_t depth, bool is_layer) const {
    SummaryRow row{path.substr(above.size()), path, depth, is_layer, {}, 0, 0, 0};
    if (!is_layer) row.shape = entries_[begin].shape;
    for (std::size_t i = begin; i < end; ++i) {
      row.count += static_cast<std::size_t>(entries_[i].shape.size());
      row.flops += flops_[i];
    }
    row.bytes = row.count * scalar_;
    return row;
  }

  const std::vector<FlatEntry>& entries_;
  const std::vector<Size>& flops_;
  std::size_t scalar_;
  std::vector<SummaryRow> rows_;
};

template <class Model, class S>
Summary of_model(const std::vector<Size>& flops) {
  Summary result;
  result.rows = Rows(runtime::flat_entries<Model, S>(), flops, sizeof(S)).run();
  for (const SummaryRow& row : result.rows) {
    if (row.is_layer) continue;
    result.count += row.count;
    result.bytes += row.bytes;
  }
  return result;
}

/// The input that a value is, as it is or looked at otherwise (repeated, cut, transposed); -1 if none.
inline std::int32_t input_behind(const Graph& graph, std::int32_t id) {
  while (graph[id].operand_count == 1 && (graph[id].operation->is_view || is_copy(graph[id])))
    id = graph[id].operands[0];
  const auto found = std::ranges::find(graph.inputs, id);
  return found == graph.inputs.end() ? -1 : static_cast<std::int32_t>(found - graph.inputs.begin());
}

/// The operations of every input: those that read it and none of the inputs before. Only inputs in
/// [begin, end) count.
inline std::vector<Size> flops_by_input(const Graph& graph, std::size_t begin, std::size_t end) {
  std::vector<Size> sums(end - begin, 0);
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    std::size_t first = end;
    for (int i = 0; i < node.operand_count; ++i) {
      const auto input = static_cast<std::size_t>(input_behind(graph, node.operands[i]));
      if (input >= begin && input < first) first = input;
    }
    if (first < end) sums[first - begin] += flops_of(graph, id);
  }
  return sums;
}

inline SummaryRun run_of(const Graph& graph, Size scalar) {
  const Costs all = costs(graph, scalar);
  SummaryRun run{all.flops, all.flops, all.kernel_calls, all.arena_bytes, {}};
  for (const OperationCost& kind : operation_costs(graph)) {
    if (kind.flops > 0) run.operations.push_back({std::string(kind.operation), kind.nodes, kind.flops});
  }
  return run;
}

/// Makes what a shard costs what all of them do.
inline void multiply(Summary& summary, Size shards) {
  for (SummaryRow& row : summary.rows) row.flops *= shards;
  summary.run->flops *= shards;
  summary.run->other_flops *= shards;
  summary.run->kernel_calls *= shards;
  summary.run->arena_bytes *= shards;
  for (SummaryOperation& kind : summary.run->operations) {
    kind.flops *= shards;
    kind.nodes *= shards;
  }
}

/// The first of some tree types that is a model.
template <class... T>
struct FirstModel {
  static constexpr bool exists = false;
};
template <class First, class... Others>
struct FirstModel<First, Others...> : FirstModel<Others...> {};
template <StructTree First, class... Others>
struct FirstModel<First, Others...> {
  static constexpr bool exists = true;
  using type = First;
};

/// How many arrays the trees before the first model hold.
template <class First, class... Others>
constexpr std::size_t inputs_before_model() {
  if constexpr (StructTree<First>) {
    return 0;
  } else {
    return leaf_count<First>() + inputs_before_model<Others...>();
  }
}

template <class Scalar, auto Function, class... Arguments>
Summary of_function() {
  static_assert(FirstModel<Arguments...>::exists, "summary: the function takes no model");
  using Model = typename FirstModel<Arguments...>::type;
  const Graph graph = runtime::Trace<Function, Arguments...>::make();
  const std::size_t begin = inputs_before_model<Arguments...>();
  const std::vector<Size> flops = flops_by_input(graph, begin, begin + leaf_count<Model>());
  Summary result = of_model<Model, Scalar>(flops);
  result.run = run_of(graph, sizeof(Scalar));
  for (const Size of_parameter : flops) result.run->other_flops -= of_parameter;
  return result;
}

}  // namespace summarizing

/// A model's layers and parameters, S being the scalar type of its parameters.
template <StructTree Model, class S = float>
Summary summary() {
  return summarizing::of_model<Model, S>(std::vector<Size>(leaf_count<Model>(), 0));
}
template <class T, class S>
Summary summary(const Parameters<T, S>&) {
  return summary<T, S>();
}

/// A model's layers and parameters, and what a run of a function costs: `summary<predict, Model, Ids>()`;
/// nothing is compiled for it. The first model among the arguments is the one that is shown. Operations are
/// counted after the passes that the function asks for: a parameter has those that read it (and no parameter
/// before it), so that of a training step the products that make a weight's gradient are among those that
/// read none.
template <auto Function, class... Arguments>
  requires(sizeof...(Arguments) > 0)
Summary summary() {
  return summarizing::of_function<float, Function, Arguments...>();
}
template <class Scalar, auto Function, class... Arguments>
Summary summary(const BasicProgram<Scalar, Function, Arguments...>&) {
  return summarizing::of_function<Scalar, Function, Arguments...>();
}

/// The same of a program in shards: of all of them, without the join of their results.
template <class Scalar, std::size_t Shards, auto Function, class... Arguments>
Summary summary(const BasicShardedProgram<Scalar, Shards, Function, Arguments...>&) {
  using Program = BasicShardedProgram<Scalar, Shards, Function, Arguments...>;
  Summary result = []<auto Part, class... Types>(std::type_identity<BasicProgram<Scalar, Part, Types...>>) {
    return summarizing::of_function<Scalar, Part, Types...>();
  }(std::type_identity<typename Program::Part>{});
  summarizing::multiply(result, static_cast<Size>(Shards));
  result.run->arena_bytes = Program::arena_bytes();
  return result;
}

}  // namespace ctgrad
