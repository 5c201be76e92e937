#pragma once

#include <ctgrad/plan/row_layout.hpp>
#include <ctgrad/runtime/static_call.hpp>

#include <algorithm>
#include <bit>

/// Where the rows lie that a kernel reads and writes, and which of them it must convert.
namespace ctgrad::runtime {

/// The rows that a call by rows keeps, [kept_rows, width]: those of its layout, then a row of floats for
/// every source stored as bf16 that members take as a whole row or several phases read, then one for every
/// result stored so, which is rounded when all of the row is there.
template <class Call, const plan::RowLayout& Layout>
class StoredRows {
  static constexpr std::uint32_t bits = Call::planned.bf16;
  static constexpr std::uint32_t result_bits = (std::uint32_t{2} << plan::max_extras) - 1;
  static constexpr Size width = Layout.full.last();
  static constexpr std::integral_constant<Size, width> whole_row{};

  static constexpr bool keeps_source(int source) {
    if ((bits & plan::bf16_bit_of_source(source)) == 0) return false;
    const Shape strides = Call::strides(static_cast<std::size_t>(source));
    if (strides[strides.rank - 1] != 1) return false;
    bool keeps = Layout.phases > 1;
    for (int i = 0; i < Layout.count; ++i) {
      const Node& node = Call::graph[Layout.ids[i]];
      const bool by_row =
          node.operation->row_work != RowWork::none && Layout.roles[i] != plan::RowRole::columns;
      keeps = keeps || (by_row && node.operands[0] == Call::planned.sources[source]);
    }
    return keeps;
  }

  /// The first kept row of the sources from `source` on.
  static constexpr int row_of_source(int source) {
    int row = Layout.kept;
    for (int i = 0; bits != 0 && i < source; ++i) row += keeps_source(i) ? 1 : 0;
    return row;
  }

  /// Whether a source is brought to a kept row, rather than read where it lies.
  template <int Source>
  static constexpr bool keeps = bits != 0 && keeps_source(Source);

  /// A row of a source where it is stored.
  template <int Source>
  static auto stored_row(const Pointers& p, Size row) {
    constexpr auto i = static_cast<std::size_t>(Source);
    constexpr Size stride = plan::row_stride(Call::operand_shape(i), Call::strides(i));
    return Call::template operand<i>(p) + row * stride;
  }

  template <int Count, class Body>
  static void for_each(const Body& body) {
    [&]<int... I>(std::integer_sequence<int, I...>) {
      (body(std::integral_constant<int, I>{}), ...);
    }(std::make_integer_sequence<int, Count>{});
  }

 public:
  /// Whether the result, which is slot 0, or an extra one is stored as bf16.
  template <int Slot>
  static constexpr bool stores =
      Slot >= 0 && Slot <= plan::max_extras && (bits >> std::max(Slot, 0) & 1) != 0;

  /// The kept row that is rounded to it.
  template <int Slot>
  static constexpr int row_of_result =
      row_of_source(Call::operand_count) + std::popcount(bits & ((std::uint32_t{1} << Slot) - 1));

  static constexpr int kept_rows = row_of_source(Call::operand_count) + std::popcount(bits & result_bits);

  /// The element of a source at a row and a column.
  template <int Source, class T>
  CTGRAD_INLINE static auto read(const Pointers& p, Size row, [[maybe_unused]] const T* kept, Size column) {
    if constexpr (keeps<Source>) {
      return kept[row_of_source(Source) * width + column];
    } else {
      return Call::template read<static_cast<std::size_t>(Source)>(p, row, column);
    }
  }

  /// The row of a source that a member takes as a whole.
  template <int Source, class T>
  static const T* row_of(const Pointers& p, Size row, [[maybe_unused]] const T* kept) {
    if constexpr (keeps<Source>) {
      return kept + row_of_source(Source) * width;
    } else {
      return stored_row<Source>(p, row);
    }
  }

  /// Brings a row of every source that is kept to floats.
  template <class T>
  static void take_sources(const Pointers& p, Size row, T* kept) {
    if constexpr (bits != 0) {
      for_each<Call::operand_count>([&](auto source) {
        if constexpr (keeps<source>)
          kernels::convert(kept + row_of_source(source) * width, stored_row<source>(p, row), whole_row);
      });
    }
  }

  /// Rounds the rows of results that are stored as bf16.
  template <class T>
  static void store_results(const Pointers& p, Size row, const T* kept) {
    if constexpr (bits != 0) {
      for_each<1 + plan::max_extras>([&](auto slot) {
        if constexpr (stores<slot>) {
          void* result = slot == 0 ? p.result : p.extras[std::max(0, slot - 1)];
          kernels::convert(static_cast<kernels::Bf16*>(result) + row * width,
                           kept + row_of_result<slot> * width, whole_row);
        }
      });
    }
  }
};

}  // namespace ctgrad::runtime
