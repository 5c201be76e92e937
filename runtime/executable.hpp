#pragma once

#include <ctgrad/runtime/row_group.hpp>

/// The compiled form of a graph: a constant table with a row for every kernel call.
///
///     row   kernel            result   operands                  calls that are alike share a kernel, and
///     0     &run_kernel<0>    0        input 1, input 2          differ in where they read and write
///     1     &run_kernel<0>    128      arena + 0, input 3
///     2     &run_kernel<2>    256      arena + 128
namespace ctgrad::runtime {

using Kernel = void (*)(const Pointers&);

/// One kernel call of the table that a program walks.
struct TableRow {
  Kernel kernel = nullptr;
  Size result = 0;  ///< where the result lies, in bytes from the arena's begin
  std::int32_t operand_count = 0;
  std::int32_t extra_count = 0;
  SharedCall shared;
  plan::Location operands[max_operands];
  Size extras[plan::max_extras];
};

/// The kernel of the call at a position of the plan.
template <class Scalar, class Tag, std::size_t Position>
void run_kernel(const Pointers& pointers) {
  using Call = StaticCall<Scalar, Tag, Position>;
  if constexpr (Call::planned.product >= 0) {
    Call::template OpOf<Call::planned.product>::template run<Call>(pointers);
  } else if constexpr (Call::planned.by_rows) {
    RowGroup<Call>::run(pointers);
  } else {
    Call::Op::template run<Call>(pointers);
  }
}

/// The positions of the calls that are the first in the plan to need their kernel. Kernels are instantiated
/// for these alone.
template <class Scalar, class Tag>
struct FirstCalls {
  static constexpr const auto& plan = Planned<Scalar, Tag>::plan;
  static constexpr std::size_t count = [] {
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < plan.call_count; ++i)
      distinct += static_cast<std::size_t>(plan.calls[i].kernel) == i ? 1 : 0;
    return distinct;
  }();
  static constexpr auto positions = [] {
    std::array<std::size_t, count> found{};
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < plan.call_count; ++i) {
      if (static_cast<std::size_t>(plan.calls[i].kernel) == i) found[distinct++] = i;
    }
    return found;
  }();
};

/// The table of a graph's kernel calls, the graph being the one that Tag::make() builds.
template <class Scalar, class Tag>
struct Table {
  static constexpr const auto& graph = Planned<Scalar, Tag>::graph;
  static constexpr const auto& plan = Planned<Scalar, Tag>::plan;
  using First = FirstCalls<Scalar, Tag>;

  template <std::size_t... I>
  static constexpr auto make(std::index_sequence<I...>) {
    const Kernel kernels[] = {&run_kernel<Scalar, Tag, First::positions[I]>..., nullptr};
    std::array<TableRow, plan.call_count> table{};
    for (std::size_t i = 0; i < sizeof...(I); ++i) table[First::positions[i]].kernel = kernels[i];
    for (std::size_t i = 0; i < plan.call_count; ++i) {
      const plan::KernelCall& call = plan.calls[i];
      TableRow& row = table[i];
      row.kernel = table[static_cast<std::size_t>(call.kernel)].kernel;
      row.shared = SharedCalls<Scalar, Tag>::list.calls[i];
      row.result = call.result.offset;
      row.operand_count = call.source_count;
      row.extra_count = call.extra_count;
      for (int k = 0; k < call.source_count; ++k) row.operands[k] = call.operands[k];
      for (int k = 0; k < call.extra_count; ++k) row.extras[k] = call.extra_results[k].offset;
    }
    return table;
  }
  static constexpr auto rows = make(std::make_index_sequence<First::count>{});
};

}  // namespace ctgrad::runtime
