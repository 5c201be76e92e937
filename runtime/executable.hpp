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

/// The positions of the steps that are the first of their kinds, whose kernels all others share: no template
/// is named by another step.
template <class Scalar, class Tag>
struct FirstSteps {
  static constexpr const auto& plan = Planned<Scalar, Tag>::plan;
  static constexpr std::size_t count = [] {
    std::size_t kinds = 0;
    for (std::size_t i = 0; i < plan.step_count; ++i)
      kinds += static_cast<std::size_t>(plan.steps[i].kernel) == i ? 1 : 0;
    return kinds;
  }();
  static constexpr auto positions = [] {
    std::array<std::size_t, count> found{};
    std::size_t kinds = 0;
    for (std::size_t i = 0; i < plan.step_count; ++i) {
      if (static_cast<std::size_t>(plan.steps[i].kernel) == i) found[kinds++] = i;
    }
    return found;
  }();
};

/// The steps of a graph's program, ready to be walked.
template <class Scalar, class Tag>
struct Table {
  static constexpr const auto& graph = Planned<Scalar, Tag>::graph;
  static constexpr const auto& plan = Planned<Scalar, Tag>::plan;
  using First = FirstSteps<Scalar, Tag>;

  template <std::size_t... I>
  static constexpr auto make(std::index_sequence<I...>) {
    const Kernel kernels[] = {&run_kernel<Scalar, Tag, First::positions[I]>..., nullptr};
    std::array<TableStep, plan.step_count> table{};
    for (std::size_t i = 0; i < sizeof...(I); ++i) table[First::positions[i]].kernel = kernels[i];
    for (std::size_t i = 0; i < plan.step_count; ++i) {
      const passes::Step& step = plan.steps[i];
      TableStep& row = table[i];
      row.kernel = table[static_cast<std::size_t>(step.kernel)].kernel;
      row.result = step.result.offset;
      row.operand_count = step.source_count;
      row.extra_count = step.extra_count;
      for (int k = 0; k < step.source_count; ++k) row.operands[k] = step.operands[k];
      for (int k = 0; k < step.extra_count; ++k) row.extras[k] = step.extra_results[k].offset;
    }
    return table;
  }
  static constexpr auto steps = make(std::make_index_sequence<First::count>{});
};

}  // namespace ctgrad::runtime
