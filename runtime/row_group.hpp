#pragma once

#include <ctgrad/kernels/lanes.hpp>
#include <ctgrad/kernels/reduce.hpp>
#include <ctgrad/runtime/stored_rows.hpp>

/// The kernel of a call that computes its group row by row.
namespace ctgrad::runtime {

/// Goes through rows [rows..., width], one after the other. For each it works off the phases of the call's
/// plan::RowLayout: a phase computes the numbers and whole rows that are ready, then walks once along the
/// row to compute elements and to fold. For y = softmax(x) * s, phase 0 maps the row of x and walks to
/// multiply it by s.
template <class Call>
class RowGroup {
  static constexpr const auto& graph = Call::graph;
  static constexpr plan::RowLayout layout = Call::row_layout();
  static constexpr Size width = layout.full.last();
  static constexpr Size rows = layout.full.rows();
  using Scalar = typename Call::ScalarType;
  using Stored = StoredRows<Call, layout>;

  template <int I>
  static constexpr std::int32_t id_of = layout.ids[I];
  template <int I>
  static constexpr plan::RowRole role = layout.roles[I];
  template <int I>
  using OpAt = typename Call::template OpOf<id_of<I>>;
  template <std::int32_t Id>
  using ElementAt = ElementOf<graph[Id].type.kind, typename Call::ScalarType>;

  /// The position in the layout of the member that node Id is or repeats; -1 for sources and constants.
  template <std::int32_t Id>
  static constexpr int member_of = [] {
    if (Call::template source_of<Id> >= 0) return -1;
    const bool repeats = layout.index_of(Id) < 0 && graph[Id].operation->repeats;
    return layout.index_of(repeats ? graph[Id].operands[0] : Id);
  }();

  /// The row that is worked on, and the members' numbers for it.
  struct Row {
    const Pointers& p;
    Scalar* kept;  ///< [Stored::kept_rows, width]: rows that live until the next row begins
    Size row = 0;
    Scalar numbers[plan::most_members] = {};
    bool masks[plan::most_members] = {};

    /// The row that member I is written to: of the result, of an extra result, or of the kept ones.
    template <int I>
    auto* destination() const {
      using Element = ElementAt<id_of<I>>;
      constexpr int slot = layout.rows[I];
      constexpr Size length = role<I> == plan::RowRole::columns ? 0 : graph[id_of<I>].type.shape.last();
      if constexpr (Stored::template stores<slot>) {
        return kept + Stored::template row_of_result<slot> * width;
      } else if constexpr (slot == 0) {
        return static_cast<Element*>(p.result) + row * length;
      } else if constexpr (slot <= plan::max_extras) {
        return static_cast<Element*>(p.extras[slot - 1]) + row * length;
      } else {
        return kept + (slot - plan::max_extras - 1) * width;
      }
    }
  };

  /// The members' elements at one column, as the loop of a phase sees them.
  template <int Phase>
  struct Elements {
    const Row& at;
    Size column;

    template <std::int32_t Id>
    CTGRAD_INLINE auto of() const {
      constexpr int source = Call::template source_of<Id>;
      constexpr int member = member_of<Id>;
      if constexpr (source >= 0) {
        return Stored::template read<source>(at.p, at.row, at.kept, column);
      } else if constexpr (member < 0) {
        return static_cast<ElementAt<Id>>(Call::template attributes_of<Id>.value);
      } else {
        return of_member<member>();
      }
    }

    template <int I>
    CTGRAD_INLINE auto of_member() const {
      constexpr plan::RowRole of = role<I>;
      constexpr bool is_number = of != plan::RowRole::full && of != plan::RowRole::map;
      constexpr bool is_stored = layout.rows[I] >= 0 && (of == plan::RowRole::map || layout.ready[I] < Phase);
      if constexpr (is_number) {
        if constexpr (std::is_same_v<ElementAt<id_of<I>>, bool>) {
          return at.masks[I];
        } else {
          return at.numbers[I];
        }
      } else if constexpr (is_stored) {
        return kernels::loaded(at.template destination<I>()[column]);
      } else {
        return Call::template apply<id_of<I>>(*this);
      }
    }
  };

  using Duty = plan::RowDuty;
  template <Duty D, int Phase>
  static constexpr plan::RowMembers members = plan::members_with(layout, D, Phase);

  /// Calls visit(position as a constant) for the members with a duty.
  template <Duty D, int Phase, class Visit>
  CTGRAD_INLINE static void for_each(const Visit& visit) {
    if constexpr (members<D, Phase>.count > 0) {
      [&]<std::size_t... I>(std::index_sequence<I...>) CTGRAD_INLINED {
        (visit(std::integral_constant<int, members<D, Phase>.positions[I]>{}), ...);
      }(std::make_index_sequence<members<D, Phase>.count>{});
    }
  }

 public:
  static void run(const Pointers& p) {
    alignas(64) Scalar kept[static_cast<std::size_t>(std::max(Size{1}, Stored::kept_rows * width))];
    for_each<Duty::reduce_columns, 0>([&](auto i) {
      auto* sums = Row{p, kept}.template destination<i>();
      for (Size j = 0; j < width; ++j) sums[j] = OpAt<i>::template identity<Scalar>;
    });
    if constexpr (columns >= 0 && kernels::is_long(rows)) {
      using Op = OpAt<columns>;
      kernels::combine_blocks([](auto a, auto b) { return Op::combine(a, b); }, Op::template identity<Scalar>,
                              Row{p, kept}.template destination<columns>(), p.scratch, width, rows,
                              [&](Size begin, Size end) { run_rows(p, kept, begin, end); });
    } else {
      run_rows(p, kept, 0, rows);
    }
  }

 private:
  /// The position in the layout of the member that reduces columns, which is the group's end; -1 for none.
  static constexpr int columns = [] {
    int found = -1;
    for (int i = 0; i < layout.count; ++i) found = layout.roles[i] == plan::RowRole::columns ? i : found;
    return found;
  }();

  static void run_rows(const Pointers& p, Scalar* kept, Size begin, Size end) {
    for (Size row = begin; row < end; ++row) {
      Row at{p, kept, row};
      Stored::take_sources(p, row, kept);
      [&]<std::size_t... Phase>(std::index_sequence<Phase...>) {
        (run_phase<static_cast<int>(Phase)>(at), ...);
      }(std::make_index_sequence<static_cast<std::size_t>(layout.phases)>{});
      Stored::store_results(p, row, kept);
    }
  }

  template <int Phase>
  static void run_phase(Row& at) {
    for_each<Duty::prepare, Phase>([&](auto i) { prepare<Phase, i>(at); });
    walk<Phase>(at);
    for_each<Duty::fold, Phase>([&](auto i) { keep_number<i>(at); });
  }

  /// Computes member I before the loop of the phase in which it is ready, if it is a number or a whole row.
  template <int Phase, int I>
  static void prepare(Row& at) {
    if constexpr (role<I> == plan::RowRole::narrow) {
      const auto number = Call::template apply<id_of<I>>(Elements<Phase>{at, 0});
      if constexpr (std::is_same_v<ElementAt<id_of<I>>, bool>) {
        at.masks[I] = number;
      } else {
        at.numbers[I] = number;
      }
      keep_number<I>(at);
    } else if constexpr (role<I> == plan::RowRole::map) {
      OpAt<I>::template row<width>(at.template destination<I>(), operand_row<I>(at),
                                   Call::template attributes_of<id_of<I>>);
    } else if constexpr (role<I> == plan::RowRole::reduction) {
      at.numbers[I] =
          OpAt<I>::template row<width>(operand_row<I>(at), Call::template attributes_of<id_of<I>>);
      keep_number<I>(at);
    }
  }

  /// Writes member I's number of the row, if the number is a result or an extra one.
  template <int I>
  static void keep_number(const Row& at) {
    if constexpr (layout.rows[I] >= 0) {
      if constexpr (std::is_same_v<ElementAt<id_of<I>>, bool>) {
        *at.template destination<I>() = at.masks[I];
      } else {
        *at.template destination<I>() = at.numbers[I];
      }
    }
  }

  /// The row that member I maps or reduces as a whole: of a source or of another member.
  template <int I>
  static const Scalar* operand_row(const Row& at) {
    constexpr std::int32_t operand = graph[id_of<I>].operands[0];
    constexpr int source = Call::template source_of<operand>;
    if constexpr (source >= 0) {
      return Stored::template row_of<source>(at.p, at.row, at.kept);
    } else {
      return at.template destination<member_of<operand>>();
    }
  }

  /// Where the numbers lie that a fold takes: in a source, whose row the loop of the phase may write over; in
  /// the row of a member, at the latest when the loop has ended; nowhere, so the loop puts them aside.
  enum class Folds { source, member, elements };
  template <int I>
  static constexpr Folds folds_from = [] {
    constexpr std::int32_t operand = graph[id_of<I>].operands[0];
    constexpr int source = Call::template source_of<operand>;
    constexpr int member = member_of<operand>;
    if constexpr (source >= 0) {
      const Shape strides = Call::strides(static_cast<std::size_t>(source));
      return strides[strides.rank - 1] == 1 ? Folds::source : Folds::elements;
    } else if constexpr (member >= 0) {
      constexpr bool is_row = role<member> == plan::RowRole::map || role<member> == plan::RowRole::full;
      return is_row && layout.rows[member] >= 0 ? Folds::member : Folds::elements;
    }
    return Folds::elements;
  }();

  /// Walks once along the row, to write elements and to fold. A long row is folded in blocks, whose results
  /// are combined in double.
  template <int Phase>
  static void walk(Row& at) {
    if constexpr (members<Duty::fold, Phase>.count == 0 || width <= kernels::longest_run) {
      walk_run<Phase, width>(at, 0);
    } else {
      double totals[static_cast<std::size_t>(layout.count)];
      for_each<Duty::fold, Phase>([&](auto i) { totals[i] = OpAt<i>::template identity<double>; });
      kernels::for_each_run<width>([&](auto count, Size begin) {
        walk_run<Phase, count>(at, begin);
        for_each<Duty::fold, Phase>([&](auto i) {
          totals[i] = OpAt<i>::combine(totals[i], static_cast<double>(at.numbers[i]));
          at.numbers[i] = static_cast<Scalar>(totals[i]);
        });
      });
    }
  }

  /// Walks along `Count` columns from `begin` on and folds them; the loop puts elements to fold aside that
  /// lie nowhere.
  template <int Phase, Size Count>
  static void walk_run(Row& at, Size begin) {
    for_each<Duty::fold, Phase>([&](auto i) {
      if constexpr (folds_from<i> == Folds::source) fold<i, Count>(at, operand_row<i>(at) + begin);
    });
    constexpr Size most = members<Duty::fold, Phase>.count > 0 ? Count : 1;
    Scalar aside[static_cast<std::size_t>(layout.count)][static_cast<std::size_t>(most)];
    CTGRAD_INDEPENDENT
    for (Size i = 0; i < Count; ++i) visit_column<Phase>(at, begin + i, i, aside);
    for_each<Duty::fold, Phase>([&](auto i) {
      if constexpr (folds_from<i> == Folds::member) fold<i, Count>(at, operand_row<i>(at) + begin);
      if constexpr (folds_from<i> == Folds::elements) fold<i, Count>(at, aside[i]);
    });
  }

  /// The number that member I makes of x [Count].
  template <int I, Size Count>
  static void fold(Row& at, const Scalar* x) {
    using Op = OpAt<I>;
    at.numbers[I] = kernels::reduce_lanes<Count>(
        [](auto a, auto b) CTGRAD_INLINED { return Op::combine(a, b); }, Op::template identity<Scalar>, x);
  }

  template <int Phase, class Aside>
  CTGRAD_INLINE static void visit_column(const Row& at, Size column, [[maybe_unused]] Size position,
                                         [[maybe_unused]] Aside& aside) {
    const Elements<Phase> elements{at, column};
    for_each<Duty::fold, Phase>([&](auto i) CTGRAD_INLINED {
      if constexpr (folds_from<i> == Folds::elements)
        aside[i][position] = elements.template of<graph[id_of<i>].operands[0]>();
    });
    for_each<Duty::write, Phase>([&](auto i) CTGRAD_INLINED {
      auto& element = at.template destination<i>()[column];
      if constexpr (role<i> == plan::RowRole::columns) {
        element = OpAt<i>::combine(element, elements.template of<graph[id_of<i>].operands[0]>());
      } else {
        element = Call::template apply<id_of<i>>(elements);
      }
    });
  }
};

}  // namespace ctgrad::runtime
