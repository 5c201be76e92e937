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
  std::int32_t groups[Steps == 0 ? 1 : Steps];  ///< of every node
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
    for (std::size_t i = 0; i < graph.node_count; ++i) fixed.groups[i] = found.groups[i];
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
  static constexpr auto all =
      boost::hana::concat(boost::hana::concat(ops::registry, ops::derived_registry), ops::extension<None...>);
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

/// What a kernel knows at compile time: everything but where the data is. Constants of its own, since nodes
/// point to rules.
template <class Scalar, class Tag, std::size_t Position>
struct KernelStep {
  static constexpr const auto& graph = Planned<Scalar, Tag>::graph;
  static constexpr const passes::Step& step = Planned<Scalar, Tag>::plan.steps[Position];
  static constexpr const Node& node = graph[step.node];

  template <std::int32_t Id>
  using OpOf = typename OperationOf<graph[Id].operation>::type;
  using Op = OpOf<step.node>;
  using Element = ElementOf<node.type.kind, Scalar>;

  static constexpr Shape shape = node.type.shape;
  static constexpr Size stored_size = step.element ? 1 : node.type.shape.size();
  static constexpr Attributes attributes = node.attributes;
  static constexpr int operand_count = step.source_count;
  static constexpr auto operand_shapes = [] {
    std::array<Shape, max_operands> shapes{};
    for (int i = 0; i < step.source_count; ++i)
      shapes[static_cast<std::size_t>(i)] = graph[step.sources[i]].type.shape;
    return shapes;
  }();
  static constexpr const Shape& operand_shape(std::size_t i) { return operand_shapes[i]; }
  static constexpr Shape strides(std::size_t i) {
    return passes::operand_strides(graph, step, static_cast<int>(i));
  }

  static Element* result(const Pointers& p) { return static_cast<Element*>(p.result); }
  template <std::size_t I>
  static auto operand(const Pointers& p) {
    return static_cast<const ElementOf<graph[step.sources[I]].type.kind, Scalar>*>(p.operands[I]);
  }

  /// The attributes of the product that the step computes.
  static constexpr const Attributes& product_attributes() {
    return graph[step.product >= 0 ? step.product : step.node].attributes;
  }

  /// The element of source I at a row and column of a result whose other axes make one.
  template <std::size_t I>
  static auto read(const Pointers& p, Size row, Size column) {
    constexpr Shape along = strides(I);
    constexpr Size of_row = row_step(along);
    constexpr Size of_column = along[along.rank - 1];
    return operand<I>(p)[row * of_row + column * of_column];
  }

  /// The element that the members of the step's group make of what is read, in the order of the sources; of
  /// the product `finished`, where they finish one.
  template <class Read>
  static Element evaluate(const Read& read, Element finished = {}) {
    return element<step.node>(read, finished);
  }

  /// How many sources are those of the product.
  static constexpr int first_read = step.product >= 0 ? 2 : 0;

 private:
  /// How far the operand's rows lie apart.
  static constexpr Size row_step(const Shape& along) {
    for (int axis = along.rank - 2; axis >= 0; --axis) {
      if (shape[axis] != 1) return along[axis];
    }
    return 0;
  }

  template <std::int32_t Id, class Read>
  static auto element(const Read& read, Element finished) {
    using T = ElementOf<graph[Id].type.kind, Scalar>;
    if constexpr (Id == step.node || is_member<Id>()) {
      return static_cast<T>(apply<Id>(
          read, finished, std::make_index_sequence<static_cast<std::size_t>(graph[Id].operand_count)>{}));
    } else if constexpr (graph[Id].operation == &operation<ops::Constant>) {
      return static_cast<T>(graph[Id].attributes.value);
    } else if constexpr (source_of<Id>() < 0) {
      return finished;
    } else {
      return std::get<static_cast<std::size_t>(source_of<Id>() - first_read)>(read);
    }
  }

  template <std::int32_t Id>
  static constexpr Attributes attributes_of = graph[Id].attributes;

  template <std::int32_t Id, class Read, std::size_t... I>
  static auto apply(const Read& read, Element finished, std::index_sequence<I...>) {
    if constexpr (requires {
                    OpOf<Id>::apply(attributes_of<Id>, element<graph[Id].operands[I]>(read, finished)...);
                  }) {
      return OpOf<Id>::apply(attributes_of<Id>, element<graph[Id].operands[I]>(read, finished)...);
    } else {
      return OpOf<Id>::apply(element<graph[Id].operands[I]>(read, finished)...);
    }
  }

  template <std::int32_t Id>
  static constexpr bool is_member() {
    return Planned<Scalar, Tag>::plan.groups[Id] == step.node && Id != step.product;
  }
  template <std::int32_t Id>
  static constexpr int source_of() {
    for (int i = first_read; i < step.source_count; ++i) {
      if (step.sources[i] == Id) return i;
    }
    return -1;
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
  if constexpr (Step::step.product >= 0) {
    Step::template OpOf<Step::step.product>::template run<Step>(pointers);
  } else {
    Step::Op::template run<Step>(pointers);
  }
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
      table[i] = {kernels[step.kernel], step.result.offset, step.source_count, {}};
      for (int k = 0; k < max_operands; ++k) table[i].operands[k] = step.operands[k];
    }
    return table;
  }
  static constexpr auto steps = make(std::make_index_sequence<plan.step_count>{});
};

}  // namespace ctgrad::runtime
