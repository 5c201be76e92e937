#pragma once

#include <ctgrad/graph/frozen.hpp>
#include <ctgrad/graph/passes/plan.hpp>
#include <ctgrad/ops/registry.hpp>

#include <boost/hana/at.hpp>
#include <boost/hana/concat.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/length.hpp>

#include <cstddef>

/// The compiled form of a graph: a constant table of steps over distinct kernels.
namespace ctgrad::runtime {

template <class Scalar>
constexpr Size scalar_size = static_cast<Size>(sizeof(Scalar));

/// A plan in arrays of fixed length.
template <std::size_t Steps, std::size_t Checks, std::size_t Outputs>
struct FixedPlan {
  passes::Step steps[Steps == 0 ? 1 : Steps];
  passes::IdCheck checks[Checks == 0 ? 1 : Checks];
  passes::Location outputs[Outputs == 0 ? 1 : Outputs];
  std::size_t step_count = 0;
  std::size_t check_count = 0;
  std::size_t constants = 0;
  std::size_t early = 0;
  Size output_bytes = 0;
  Size arena_bytes = 0;
  Size lower_bound = 0;
};

/// A graph's plan for a scalar type. There are never more steps or checks than nodes.
template <class Scalar, class Tag>
struct Planned {
  static constexpr const auto& graph = Frozen<Tag>::graph;
  static constexpr auto plan = [] {
    const Graph thawed = graph.thaw();
    const passes::Plan found = passes::Planner(thawed, scalar_size<Scalar>).build();
    FixedPlan<graph.node_count, graph.node_count, graph.output_count> fixed;
    fixed.step_count = found.steps.size();
    fixed.check_count = found.checks.size();
    fixed.constants = static_cast<std::size_t>(found.constants);
    fixed.early = static_cast<std::size_t>(found.early);
    fixed.output_bytes = found.output_bytes;
    fixed.arena_bytes = found.arena_bytes;
    fixed.lower_bound = found.lower_bound;
    for (std::size_t i = 0; i < found.steps.size(); ++i) fixed.steps[i] = found.steps[i];
    for (std::size_t i = 0; i < found.checks.size(); ++i) fixed.checks[i] = found.checks[i];
    for (std::size_t i = 0; i < found.outputs.size(); ++i) fixed.outputs[i] = found.outputs[i];
    return fixed;
  }();
};

/// The type that holds an element.
template <Kind K, class Scalar>
using ElementOf =
    std::conditional_t<K == Kind::real, Scalar, std::conditional_t<K == Kind::index, std::int32_t, bool>>;

/// The operation type behind a record: a search through the registry and its extension. `None` is empty, and
/// keeps the extension from being looked up before users have specialised it.
template <const auto* Record, class... None>
struct OperationOf {
  static constexpr auto all = boost::hana::concat(ops::registry, ops::extension<None...>);
  static constexpr std::size_t count = decltype(boost::hana::length(all))::value;
  static constexpr std::size_t index = [] {
    std::size_t position = 0;
    std::size_t found = count;
    boost::hana::for_each(all, [&](auto op) {
      if (&operation<typename decltype(op)::type> == Record) found = position;
      ++position;
    });
    return found;
  }();
  static constexpr bool is_registered = index < count;
  static_assert(is_registered, "an operation of your own is not in ctgrad::ops::extension<>");
  using type = typename std::remove_cvref_t<decltype(boost::hana::at_c<index>(all))>::type;
};

/// What a kernel knows at compile time: everything but where the data is.
template <class Scalar, class Tag, std::size_t Position>
struct KernelStep {
  static constexpr const auto& graph = Planned<Scalar, Tag>::graph;
  static constexpr const passes::Step& step = Planned<Scalar, Tag>::plan.steps[Position];
  static constexpr const Node& node = graph[step.node];

  using Op = typename OperationOf<node.operation>::type;
  using Element = ElementOf<node.type.kind, Scalar>;

  static constexpr const Shape& shape = node.type.shape;
  static constexpr Size stored_size = step.element ? 1 : node.type.shape.size();
  static constexpr const Attributes& attributes = node.attributes;
  static constexpr int operand_count = node.operand_count;
  static constexpr const Shape& operand_shape(std::size_t i) { return graph[node.operands[i]].type.shape; }
  static constexpr Shape strides(std::size_t i) {
    return passes::operand_strides(graph, step, static_cast<int>(i));
  }

  static Element* result(const Pointers& p) { return static_cast<Element*>(p.result); }
  template <std::size_t I>
  static auto operand(const Pointers& p) {
    return static_cast<const ElementOf<graph[node.operands[I]].type.kind, Scalar>*>(p.operands[I]);
  }
};

using Kernel = void (*)(const Pointers&);

/// One row of the table that a program walks.
struct TableStep {
  Kernel kernel = nullptr;
  Size result = 0;
  std::int32_t operand_count = 0;
  passes::Location operands[max_operands];
};

template <class Scalar, class Tag, std::size_t Position>
void run_kernel(const Pointers& pointers) {
  using Step = KernelStep<Scalar, Tag, Position>;
  Step::Op::template run<Step>(pointers);
}

/// The kernel of the step at `Position` if it is the first of its kind.
template <class Scalar, class Tag, std::size_t Position>
constexpr Kernel own_kernel() {
  if constexpr (static_cast<std::size_t>(Planned<Scalar, Tag>::plan.steps[Position].kernel) == Position) {
    return &run_kernel<Scalar, Tag, Position>;
  } else {
    return nullptr;
  }
}

/// The steps of a graph's program, ready to be walked.
template <class Scalar, class Tag>
struct Table {
  static constexpr const auto& graph = Planned<Scalar, Tag>::graph;
  static constexpr const auto& plan = Planned<Scalar, Tag>::plan;

  template <std::size_t... I>
  static constexpr auto make(std::index_sequence<I...>) {
    const Kernel kernels[] = {own_kernel<Scalar, Tag, I>()..., nullptr};
    std::array<TableStep, sizeof...(I)> table{};
    for (std::size_t i = 0; i < sizeof...(I); ++i) {
      const passes::Step& step = plan.steps[i];
      table[i] = {kernels[step.kernel], step.result.offset, graph[step.node].operand_count, {}};
      for (int k = 0; k < max_operands; ++k) table[i].operands[k] = step.operands[k];
    }
    return table;
  }
  static constexpr auto steps = make(std::make_index_sequence<plan.step_count>{});
};

}  // namespace ctgrad::runtime
