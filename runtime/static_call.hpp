#pragma once

#include <ctgrad/graph/frozen.hpp>
#include <ctgrad/kernels/bf16.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/plan/plan.hpp>
#include <ctgrad/runtime/shared_calls.hpp>

#include <boost/hana/integral_constant.hpp>
#include <boost/hana/length.hpp>
#include <boost/hana/tuple.hpp>

#include <array>
#include <cstddef>

/// A plan as constants of the compiler, and each of its kernel calls as a type that kernels are instantiated
/// with.
namespace ctgrad::runtime {

template <class Scalar>
constexpr Size scalar_size = static_cast<Size>(sizeof(Scalar));

/// A plan::Plan in arrays of fixed length, so that it can be a constant.
template <std::size_t Calls, std::size_t Checks, std::size_t Outputs>
struct FixedPlan {
  plan::KernelCall calls[Calls == 0 ? 1 : Calls];
  std::int32_t groups[Calls == 0 ? 1 : Calls];  ///< for every node the end of its group; -1 for none
  plan::IdCheck checks[Checks == 0 ? 1 : Checks];
  plan::Location outputs[Outputs == 0 ? 1 : Outputs];
  std::size_t call_count = 0;
  std::size_t check_count = 0;
  std::size_t constants = 0;
  std::size_t early = 0;
  Size output_bytes = 0;
  Size arena_bytes = 0;
  Size scratch = 0;
  Size lower_bound = 0;
};

/// The plan of the graph that Tag::make() builds, for a scalar type. It has no more calls or checks than the
/// graph has nodes.
template <class Scalar, class Tag>
struct Planned {
  static constexpr const auto& graph = Frozen<Tag>::graph;
  static constexpr auto plan = [] {
    const Graph thawed = graph.thaw();
    const plan::Plan found = plan::Planner(thawed, scalar_size<Scalar>).build();
    FixedPlan<graph.node_count, graph.node_count, graph.output_count> fixed;
    fixed.call_count = found.calls.size();
    fixed.check_count = found.checks.size();
    fixed.constants = static_cast<std::size_t>(found.constants);
    fixed.early = static_cast<std::size_t>(found.early);
    fixed.output_bytes = found.output_bytes;
    fixed.arena_bytes = found.arena_bytes;
    fixed.scratch = found.scratch;
    fixed.lower_bound = found.lower_bound;
    for (std::size_t i = 0; i < found.calls.size(); ++i) fixed.calls[i] = found.calls[i];
    for (std::int32_t id = 0; id < graph.size(); ++id) fixed.groups[id] = found.groups[id];
    for (std::size_t i = 0; i < found.checks.size(); ++i) fixed.checks[i] = found.checks[i];
    for (std::size_t i = 0; i < found.outputs.size(); ++i) fixed.outputs[i] = found.outputs[i];
    return fixed;
  }();
};

/// How threads share the calls of a plan.
template <class Scalar, class Tag>
struct SharedCalls {
  static constexpr auto list = [] {
    constexpr const auto& plan = Planned<Scalar, Tag>::plan;
    return shared_calls(Planned<Scalar, Tag>::graph, plan.calls, plan.call_count, scalar_size<Scalar>);
  }();
  static_assert(std::all_of(list.calls.begin(), list.calls.end(),
                            [](SharedCall c) { return c.parts >= 1 && c.stages >= 1; }),
                "every call is made at least once");
};

/// The type that holds an element.
template <Kind K, class Scalar>
using ElementOf =
    std::conditional_t<K == Kind::real, Scalar, std::conditional_t<K == Kind::index, std::int32_t, bool>>;

/// The records of lists of operations, behind each other. They are listed once for all searches: a walk over
/// the types would be compiled anew for each.
template <class... A, class... B, class... C>
constexpr auto records_of(const boost::hana::tuple<A...>&, const boost::hana::tuple<B...>&,
                          const boost::hana::tuple<C...>&) {
  return std::array{&operation<typename A::type>..., &operation<typename B::type>...,
                    &operation<typename C::type>...};
}
/// Of the registry and its extension. `None` is empty, and keeps the extension from being looked up before
/// users have specialised it.
template <class... None>
inline constexpr auto all_records = records_of(ops::registry, ops::derived_registry, ops::extension<None...>);

/// The operation type behind a record.
template <const auto* Record, class... None>
class OperationOf {
  static constexpr std::size_t registered = decltype(boost::hana::length(ops::registry))::value;
  static constexpr std::size_t derived = decltype(boost::hana::length(ops::derived_registry))::value;

  static constexpr auto found() {
    if constexpr (index < registered) {
      return ops::registry[boost::hana::size_c<index>];
    } else if constexpr (index < registered + derived) {
      return ops::derived_registry[boost::hana::size_c<index - registered>];
    } else {
      return ops::extension<None...>[boost::hana::size_c<index - registered - derived>];
    }
  }

 public:
  static constexpr std::size_t index = [] {
    const auto& records = all_records<None...>;
    std::size_t position = 0;
    while (position < records.size() && records[position] != Record) ++position;
    return position;
  }();
  static constexpr bool is_registered = index < all_records<None...>.size();
  static_assert(is_registered, "an operation of your own is not in ctgrad::ops::extension<>");
  using type = typename decltype(found())::type;
};

/// The kernel call at a position of a plan, as a type: all that its kernel knows at compile time, which is
/// everything but where the data is. Kernels read these constants rather than nodes, which point to rules
/// that would be compiled as well.
template <class Scalar, class Tag, std::size_t Position>
struct StaticCall {
  static constexpr const auto& graph = Planned<Scalar, Tag>::graph;
  static constexpr const plan::KernelCall& planned = Planned<Scalar, Tag>::plan.calls[Position];
  static constexpr const Node& node = graph[planned.node];

  template <std::int32_t Id>
  using OpOf = typename OperationOf<graph[Id].operation>::type;
  using Op = OpOf<planned.node>;
  using Element = ElementOf<node.type.kind, Scalar>;
  using ScalarType = Scalar;

  /// The types that hold elements of the result and of a source in memory.
  static constexpr bool writes_bf16 = (planned.bf16 & 1) != 0;
  using Stored = std::conditional_t<writes_bf16, kernels::Bf16, Element>;
  template <std::size_t I>
  static constexpr bool reads_bf16 = (planned.bf16 & plan::bf16_bit_of_source(static_cast<int>(I))) != 0;
  template <std::size_t I>
  using StoredOperand = std::conditional_t<reads_bf16<I>, kernels::Bf16,
                                           ElementOf<graph[planned.sources[I]].type.kind, Scalar>>;

  static constexpr Shape shape = node.type.shape;
  static constexpr Size stored_size = planned.splat ? 1 : node.type.shape.size();
  static constexpr Attributes attributes = node.attributes;
  static constexpr int operand_count = planned.source_count;
  static constexpr auto operand_shapes = [] {
    std::array<Shape, max_operands> shapes{};
    for (int i = 0; i < planned.source_count; ++i)
      shapes[static_cast<std::size_t>(i)] = graph[planned.sources[i]].type.shape;
    return shapes;
  }();
  static constexpr const Shape& operand_shape(std::size_t i) { return operand_shapes[i]; }
  static constexpr Shape strides(std::size_t i) {
    return plan::operand_strides(graph, planned, static_cast<int>(i));
  }

  /// In how many parts threads share the call; 1 where that would not pay.
  static constexpr Size parts = SharedCalls<Scalar, Tag>::list.calls[Position].parts;
  /// The part that is to be computed.
  static constexpr auto part(const Pointers& p) {
    if constexpr (parts > 1) {
      return p.part;
    } else {
      return kernels::WholeCall{};
    }
  }

  static Stored* result(const Pointers& p) { return static_cast<Stored*>(p.result); }
  /// Where result I begins, of an operation with several.
  template <int I>
  static auto result(const Pointers& p) {
    static constexpr Size begin = result_begin(I);
    if constexpr (writes_bf16 && I >= graph[planned.node].operation->first_float_result) {
      constexpr Size offset = plan::bf16_offset(begin, plan::bf16_count(graph, node), scalar_size<Scalar>);
      return reinterpret_cast<Element*>(static_cast<std::byte*>(p.result) + offset);
    } else {
      return result(p) + begin;
    }
  }
  template <std::size_t I>
  static auto operand(const Pointers& p) {
    return static_cast<const StoredOperand<I>*>(p.operands[I]);
  }

  /// The attributes of the matrix product that the call computes, alone or finished by its group.
  static constexpr const Attributes& product_attributes() {
    return graph[planned.product >= 0 ? planned.product : planned.node].attributes;
  }

  /// The element of source I at a row and a column of the result, all axes before the last one being rows.
  template <std::size_t I>
  CTGRAD_INLINE static auto read(const Pointers& p, Size row, Size column) {
    constexpr Shape along = strides(I);
    constexpr Size of_row = plan::row_stride(operand_shape(I), along);
    constexpr Size of_column = along[along.rank - 1];
    return kernels::loaded(operand<I>(p)[row * of_row + column * of_column]);
  }

  /// The result's element that the group's members make of `read`, a tuple of one element of every source in
  /// their order, and of the product's element `finished` where the group finishes a product. The two
  /// operands of such a product are not in the tuple.
  template <class Read>
  CTGRAD_INLINE static Element evaluate(const Read& read, Element finished = {}) {
    return Elements<Read>{read, finished}.template of<planned.node>();
  }

  /// How many sources are operands of the product that the group finishes.
  static constexpr int first_read = planned.product >= 0 ? 2 : 0;

  /// How the kernel goes through a row, if it works row by row.
  static constexpr plan::RowLayout row_layout() {
    return plan::RowLayoutFinder(graph, Planned<Scalar, Tag>::plan.groups, planned).run();
  }

  /// The element of member Id, computed from its operands' elements, which `get.of<Operand>()` gives.
  template <std::int32_t Id, class Get>
  CTGRAD_INLINE static auto apply(const Get& get) {
    return apply<Id>(get, std::make_index_sequence<static_cast<std::size_t>(graph[Id].operand_count)>{});
  }

  template <std::int32_t Id>
  static constexpr bool is_member =
      Planned<Scalar, Tag>::plan.groups[Id] == planned.node && Id != planned.product;

  /// The position of node Id among the sources; -1 if it is no source.
  template <std::int32_t Id>
  static constexpr int source_of = [] {
    for (int i = first_read; i < planned.source_count; ++i) {
      if (planned.sources[i] == Id) return i;
    }
    return -1;
  }();

  template <std::int32_t Id>
  static constexpr Attributes attributes_of = graph[Id].attributes;

 private:
  static constexpr Size result_begin(int which) {
    Type operands[max_operands];
    Type results[max_operands];
    for (int i = 0; i < planned.source_count; ++i) operands[i] = graph[planned.sources[i]].type;
    Op::results(operands, attributes, results);
    Size begin = 0;
    for (int i = 0; i < which; ++i) begin += results[i].shape.size();
    return begin;
  }

  /// The elements of a group's members at one position, computed from the sources' elements there.
  template <class Read>
  struct Elements {
    const Read& read;
    Element finished;

    template <std::int32_t Id>
    CTGRAD_INLINE auto of() const {
      using T = ElementOf<graph[Id].type.kind, Scalar>;
      if constexpr (Id == planned.node || is_member<Id>) {
        return apply<Id>(*this);
      } else if constexpr (graph[Id].operation->is_splat) {
        return static_cast<T>(attributes_of<Id>.value);
      } else if constexpr (source_of<Id> < 0) {
        return finished;
      } else {
        return std::get<static_cast<std::size_t>(source_of<Id> - first_read)>(read);
      }
    }
  };

  template <std::int32_t Id, class Get, std::size_t... I>
  CTGRAD_INLINE static auto apply(const Get& get, std::index_sequence<I...>) {
    using T = ElementOf<graph[Id].type.kind, Scalar>;
    if constexpr (requires {
                    OpOf<Id>::apply(attributes_of<Id>, get.template of<graph[Id].operands[I]>()...);
                  }) {
      return static_cast<T>(OpOf<Id>::apply(attributes_of<Id>, get.template of<graph[Id].operands[I]>()...));
    } else {
      return static_cast<T>(OpOf<Id>::apply(get.template of<graph[Id].operands[I]>()...));
    }
  }
};

}  // namespace ctgrad::runtime
