#pragma once

#include <ctgrad/ops/constant.hpp>
#include <ctgrad/ops/pointers.hpp>
#include <ctgrad/ops/require.hpp>
#include <ctgrad/ops/sample.hpp>

namespace ctgrad::ops {

/// ids of tables of equal length, one table for every position along one axis, as ids into these tables one
/// below the other: the length times the position is added. Attributes: the length of a table and the axis.
struct OffsetIds {
  static constexpr auto name = "offset_ids";
  static auto onnx(const auto& x) {
    return x[0] + x.positions(x.attributes().integers[1]) * x.attributes().integers[0];
  }
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr int ids_operand = 0;
  static constexpr Size id_limit(const Type*, const Type&, const Attributes& table) {
    return table.integers[0];
  }

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    require_kind(name, x, 0, Kind::index);
    if (attributes.integers[1] < 0 || attributes.integers[1] >= x[0].shape.rank) {
      throw std::invalid_argument("offset_ids: axis " + to_string(Size{attributes.integers[1]}) + " of " +
                                  to_string(x[0]));
    }
    return x[0];
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {
        {{{index(3)}, {.integers = {5}}},
         {{index(2, 3)}, {.integers = {4}}},
         {{index(2, 3)}, {.integers = {4, 1}}},
         {{index(2, 0)}, {.integers = {4}}}},
        {{{index()}, {.integers = {5}}}, {{index(2)}, {.integers = {5, 1}}}, {{real(3)}, {.integers = {5}}}}};
  }

  static constexpr Value batch(const BatchArguments& b);

  template <class Call>
  static void run(const Pointers& p) {
    if constexpr (Call::shape.size() > 0) {
      constexpr int axis = Call::attributes.integers[1];
      constexpr Size stride = row_major_strides(Call::shape)[axis];
      constexpr Size extent = Call::shape[axis];
      for (Size i = 0; i < Call::shape.size(); ++i) {
        const auto offset = static_cast<std::int32_t>(i / stride % extent) * Call::attributes.integers[0];
        Call::result(p)[i] = Call::template operand<0>(p)[i] + offset;
      }
    }
  }
};

/// Along the first axis.
constexpr Value offset_ids(Value ids, Size table) {
  Attributes length;
  length.integers[0] = static_cast<std::int32_t>(table);
  return emit<OffsetIds>(length, ids);
}

}  // namespace ctgrad::ops
