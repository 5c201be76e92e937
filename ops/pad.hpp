#pragma once

#include <ctgrad/ops/slice.hpp>

namespace ctgrad::ops {

/// Zeros around the operand, false ones around a mask: the transpose of a slice. Attributes: where the
/// operand begins along every axis, and the result's shape.
struct Pad {
  static constexpr auto name = "pad";
  static auto onnx(const auto& x) {
    return x.shape(0).size() == 0 ? x.filled(0)
                                  : padded(x[0], x.attributes().integers, x.shape(0), x.shape());
  }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::padded;
  static constexpr bool moves = true;

  static constexpr Type infer(const Type* x, const Attributes& box) {
    if (x[0].kind != Kind::mask) require_kind(name, x, 0, Kind::real);
    if (!box_fits(box.integers, x[0].shape, box.shape)) {
      throw std::invalid_argument("pad: " + to_string(x[0].shape) + " does not fit into " +
                                  to_string(box.shape));
    }
    return {x[0].kind, box.shape};
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real()}},
             {{real(3)}, {.integers = {1}, .shape = shape_of(5)}},
             {{real(1)}, {.integers = {4}, .shape = shape_of(5)}},
             {{real(0)}, {.integers = {2}, .shape = shape_of(5)}},
             {{real(3, 2)}, {.integers = {0, 1}, .shape = shape_of(3, 4)}},
             {{real(2, 4)}, {.integers = {1, 0}, .shape = shape_of(3, 4)}},
             {{real(2, 2, 1)}, {.integers = {0, 1, 2}, .shape = shape_of(2, 3, 4)}},
             {{real(1, 3, 1, 2)}, {.integers = {1, 0, 0, 1}, .shape = shape_of(2, 3, 1, 4)}},
             {{mask(2, 1)}, {.integers = {0, 1}, .shape = shape_of(2, 3)}}},
            {{{real(3)}, {.integers = {2}, .shape = shape_of(4)}},
             {{real(3)}, {.integers = {-1}, .shape = shape_of(4)}},
             {{real(3)}, {.integers = {0}, .shape = shape_of(4, 4)}},
             {{index(3)}, {.integers = {1}, .shape = shape_of(5)}}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    static constexpr Shape inside = Call::operand_shape(0);
    static constexpr Shape strides[] = {row_major_strides(inside)};
    static constexpr Shape result_strides = row_major_strides(Call::shape);
    static constexpr auto nest = kernels::loop_nest(inside, result_strides, strides);
    for (Size i = 0; i < Call::shape.size(); ++i) Call::result(p)[i] = {};
    kernels::elementwise<nest>([](auto x) { return x; },
                               Call::result(p) + Slice::offset(result_strides, Call::attributes),
                               Call::template operand<0>(p));
  }

  static constexpr Value batch(const BatchArguments& b);
  static constexpr Value transpose(const TransposeArguments& t) {
    return slice(t.cotangent, t.attributes.integers, t.operand_type.shape);
  }
};

constexpr Value pad(Value x, const std::int32_t (&begin)[max_rank], const Shape& shape) {
  if (x.absent() || x.shape() == shape) return x;
  Attributes box;
  for (int axis = 0; axis < shape.rank; ++axis) box.integers[axis] = begin[axis];
  box.shape = shape;
  return emit<Pad>(box, x);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// `Before` zeros in front of and `After` zeros behind the positions of one axis.
template <int Axis, Size Before, Size After, Size... D>
constexpr auto pad(const Tensor<D...>& x) {
  static_assert(axis<Axis>::template exists_in_rank<sizeof...(D)>, "pad: the axis is out of range");
  static_assert(Before >= 0 && After >= 0, "pad: a number of zeros is 0 or more");
  constexpr int at = normal_axis(Axis, sizeof...(D));
  constexpr Shape shape = [] {
    Shape result = Tensor<D...>::shape;
    result[at] += Before + After;
    return result;
  }();
  std::int32_t first[max_rank] = {};
  first[at] = static_cast<std::int32_t>(Before);
  return array_of<Kind::real, shape>{ops::pad(x.in(graph_of(x)), first, shape)};
}

}  // namespace ctgrad
