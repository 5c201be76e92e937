#pragma once

#include <ctgrad/plan/row_layout.hpp>
#include <ctgrad/runtime/static_call.hpp>

#include <bit>

/// Rows that a kernel reads or writes as bf16, and works on as floats.
namespace ctgrad::runtime {

/// The rows that a call by rows keeps, [kept_rows, width]: those of its layout, then a row of floats for
/// every source stored as bf16 that members take as a whole row or several phases read, then one for every
/// result stored so, which is rounded when all of the row is there.
template <class Call, const plan::RowLayout& Layout>
class Bf16Rows {
  static constexpr std::uint32_t bits = Call::planned.bf16;
  static constexpr Size width = Layout.full.last();
  static constexpr std::integral_constant<Size, width> whole_row{};
  static constexpr std::uint32_t result_bits = (std::uint32_t{2} << plan::max_extras) - 1;

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

 public:
  /// Whether elements of a source are read in a kept row, rather than where they lie.
  template <int Source>
  static constexpr bool keeps = [] {
    if constexpr (bits == 0 || Source < 0) {
      return false;
    } else {
      return keeps_source(Source);
    }
  }();

  static constexpr int row_of_source(int source) {
    int row = Layout.kept;
    for (int i = 0; i < source; ++i) row += keeps_source(i) ? 1 : 0;
    return row;
  }

  /// Whether the result, which is slot 0, or an extra one is stored as bf16.
  template <int Slot>
  static constexpr bool stores =
      Slot >= 0 && Slot <= plan::max_extras && (bits >> (Slot < 0 ? 0 : Slot) & 1) != 0;

  template <int Slot>
  static constexpr int row_of_result =
      row_of_source(Call::operand_count) + std::popcount(bits & ((std::uint32_t{1} << Slot) - 1));

  static constexpr int kept_rows =
      bits == 0 ? Layout.kept : row_of_source(Call::operand_count) + std::popcount(bits & result_bits);

  /// Brings a row of every source that is kept to floats.
  template <class T>
  static void take_sources(const Pointers& p, Size row, T* kept) {
    if constexpr (bits != 0) {
      for_each<Call::operand_count>([&](auto source) {
        if constexpr (keeps<source>) {
          constexpr std::size_t i = source;
          constexpr Size stride = plan::row_stride(Call::operand_shape(i), Call::strides(i));
          kernels::convert(kept + row_of_source(source) * width, Call::template operand<i>(p) + row * stride,
                           whole_row);
        }
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

 private:
  template <int Count, class Body>
  static void for_each(const Body& body) {
    [&]<int... I>(std::integer_sequence<int, I...>) {
      (body(std::integral_constant<int, I>{}), ...);
    }(std::make_integer_sequence<int, Count>{});
  }
};

}  // namespace ctgrad::runtime
