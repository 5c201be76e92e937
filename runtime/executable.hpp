#pragma once

#include <ctgrad/runtime/row_group.hpp>

/// The compiled form of a graph: a constant table of steps over distinct kernels.
namespace ctgrad::runtime {

using Kernel = void (*)(const Pointers&);

/// One row of the table that a program walks.
struct TableStep {
  Kernel kernel = nullptr;
  Size result = 0;
  std::int32_t operand_count = 0;
  std::int32_t extra_count = 0;
  passes::Location operands[max_operands];
  Size extras[passes::max_extras];
};

template <class Scalar, class Tag, std::size_t Position>
void run_kernel(const Pointers& pointers) {
  using Step = KernelStep<Scalar, Tag, Position>;
  if constexpr (Step::step.product >= 0) {
    Step::template OpOf<Step::step.product>::template run<Step>(pointers);
  } else if constexpr (Step::step.by_rows) {
    RowGroup<Step>::run(pointers);
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
      table[i] = {kernels[step.kernel], step.result.offset, step.source_count, step.extra_count, {}, {}};
      for (int k = 0; k < max_operands; ++k) table[i].operands[k] = step.operands[k];
      for (int k = 0; k < passes::max_extras; ++k) table[i].extras[k] = step.extra_results[k].offset;
    }
    return table;
  }
  static constexpr auto steps = make(std::make_index_sequence<plan.step_count>{});
};

}  // namespace ctgrad::runtime
