#pragma once

#include <ctgrad/ops/constant.hpp>
#include <ctgrad/ops/elementwise.hpp>

namespace ctgrad::ops {

constexpr Value pad(Value x, const std::int32_t (&begin)[max_rank], const Shape& shape);

/// Says whether a box that begins at `begin` lies within a shape.
constexpr bool box_fits(const std::int32_t (&begin)[max_rank], const Shape& box, const Shape& shape) {
  bool fits = box.rank == shape.rank;
  for (int axis = 0; fits && axis < shape.rank; ++axis)
    fits = begin[axis] >= 0 && begin[axis] + box[axis] <= shape[axis];
  return fits;
}

/// A box of the operand. Attributes: where it begins along every axis, and its shape.
struct Slice {
  static constexpr auto name = "slice";
  static auto onnx(const auto& x) { return boxed(x[0], x.attributes().integers, x.shape()); }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::moved;
  static constexpr bool moves = true;
  static constexpr bool takes_strides = true;

  static constexpr Type infer(const Type* x, const Attributes& box) {
    if (!box_fits(box.integers, box.shape, x[0].shape)) {
      throw std::invalid_argument("slice: a box of shape " + to_string(box.shape) + " leaves " +
                                  to_string(x[0].shape));
    }
    return {x[0].kind, box.shape};
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real()}},
             {{real(5)}, {.integers = {1}, .shape = shape_of(3)}},
             {{real(5)}, {.integers = {4}, .shape = shape_of(1)}},
             {{real(5)}, {.integers = {2}, .shape = shape_of(0)}},
             {{real(3, 4)}, {.integers = {0, 1}, .shape = shape_of(3, 2)}},
             {{real(3, 4)}, {.integers = {1, 0}, .shape = shape_of(2, 4)}},
             {{real(3, 4)}, {.integers = {1, 1}, .shape = shape_of(1, 3)}},
             {{real(2, 3, 4)}, {.integers = {0, 1, 2}, .shape = shape_of(2, 2, 1)}},
             {{real(2, 3, 1, 4)}, {.integers = {1, 0, 0, 1}, .shape = shape_of(1, 3, 1, 2)}},
             {{index(3, 4)}, {.integers = {1, 1}, .shape = shape_of(2, 2)}},
             {{mask(3, 4)}, {.integers = {1, 1}, .shape = shape_of(2, 2)}}},
            {{{real(3)}, {.integers = {2}, .shape = shape_of(2)}},
             {{real(3)}, {.integers = {-1}, .shape = shape_of(2)}},
             {{real(3)}, {.integers = {0}, .shape = shape_of(1, 1)}}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    static constexpr Shape strides[] = {Call::strides(0)};
    static constexpr auto nest = kernels::loop_nest(Call::shape, strides);
    kernels::elementwise<nest>([](auto x) { return x; }, Call::result(p),
                               Call::template operand<0>(p) + offset(strides[0], Call::attributes));
  }

  /// The operand's own: a box is a part of the memory that the operand lies in.
  static constexpr bool view_strides(const ViewArguments& v, Shape& strides) {
    strides = v.strides;
    return true;
  }
  static constexpr Size view_offset(const Shape& strides, const Attributes& box) {
    return offset(strides, box);
  }
  static constexpr std::optional<double> fold(const FoldArguments& f) { return f.numbers[0]; }

  static constexpr Value batch(const BatchArguments& b);
  static constexpr Value transpose(const TransposeArguments& t) {
    return pad(t.cotangent, t.attributes.integers, t.operand_type.shape);
  }

  /// The distance from the first element to the box's.
  static constexpr Size offset(const Shape& strides, const Attributes& box) {
    Size sum = 0;
    for (int axis = 0; axis < strides.rank; ++axis) sum += strides[axis] * box.integers[axis];
    return sum;
  }
};

constexpr Value slice(Value x, const std::int32_t (&begin)[max_rank], const Shape& shape) {
  if (x.absent() || x.shape() == shape) return x;
  Attributes box;
  for (int axis = 0; axis < shape.rank; ++axis) box.integers[axis] = begin[axis];
  box.shape = shape;
  return emit<Slice>(box, x);
}

/// Says whether [Begin, End) lies within an axis of the given extent.
template <Size Begin, Size End>
struct range {
  template <Size Extent>
  static constexpr bool lies_within = 0 <= Begin && Begin <= End && End <= Extent;
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// The positions [Begin, End) along one axis; a negative axis counts from the end, a negative position too.
template <int Axis, Size Begin, Size End, Kind K, Size... D>
constexpr auto slice(const Array<K, D...>& x) {
  static_assert(axis<Axis>::template exists_in_rank<sizeof...(D)>, "slice: the axis is out of range");
  constexpr int at = normal_axis(Axis, sizeof...(D));
  constexpr Size extent = Array<K, D...>::shape[at];
  constexpr Size begin = Begin < 0 ? Begin + extent : Begin;
  constexpr Size end = End < 0 ? End + extent : End;
  static_assert(ops::range<begin, end>::template lies_within<extent>, "slice: the range leaves the axis");
  constexpr Shape shape = [] {
    Shape result = Array<K, D...>::shape;
    result[at] = end - begin;
    return result;
  }();
  std::int32_t first[max_rank] = {};
  first[at] = static_cast<std::int32_t>(begin);
  return array_of<K, shape>{ops::slice(x.in(graph_of(x)), first, shape)};
}

}  // namespace ctgrad
