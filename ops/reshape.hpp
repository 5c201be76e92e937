#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/constant.hpp>
#include <ctgrad/ops/sample.hpp>

namespace ctgrad::ops {

/// The same elements in row-major order under another shape; costs nothing. Attributes: the new shape.
struct Reshape {
  static constexpr auto name = "reshape";
  static constexpr bool is_view = true;
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::moved;

  static constexpr Type infer(const Type* x, const Attributes& to) {
    if (to.shape.size() != x[0].shape.size()) {
      throw std::invalid_argument("reshape: " + to_string(x[0].shape) + " and " + to_string(to.shape) +
                                  " have different numbers of elements");
    }
    return {x[0].kind, to.shape};
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real()}, {.shape = shape_of(1, 1)}},
             {{real(1)}, {.shape = shape_of()}},
             {{real(6)}, {.shape = shape_of(2, 3)}},
             {{real(2, 3)}, {.shape = shape_of(3, 2)}},
             {{real(2, 3, 2)}, {.shape = shape_of(4, 3)}},
             {{real(4, 1, 3)}, {.shape = shape_of(2, 2, 1, 3)}},
             {{real(2, 3, 1, 2)}, {.shape = shape_of(12)}},
             {{real(0, 3)}, {.shape = shape_of(2, 0)}},
             {{index(6)}, {.shape = shape_of(3, 2)}},
             {{mask(2, 2)}, {.shape = shape_of(4)}}},
            {{{real(6)}, {.shape = shape_of(5)}}, {{real(2, 3)}, {.shape = shape_of()}}}};
  }

  static constexpr Value transpose(const TransposeArguments& t);
  static constexpr Value batch(const BatchArguments& b);
};

constexpr Value reshape(Value x, const Shape& shape) {
  if (x.absent() || x.shape() == shape) return x;
  if (x.node().operation == &operation<Constant>)
    return constant(*x.graph, x.node().attributes.value, shape, x.kind());
  if (x.node().operation == &operation<Reshape>) return reshape(x.operand(0), shape);
  Attributes to;
  to.shape = shape;
  return emit<Reshape>(to, x);
}

/// The elements in one vector.
constexpr Value as_vector(Value x) { return reshape(x, shape_of(x.shape().size())); }

constexpr Value Reshape::transpose(const TransposeArguments& t) {
  return reshape(t.cotangent, t.operand_type.shape);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// The same elements in row-major order under the shape `New...`.
template <Size... New, Kind K, Size... D>
constexpr auto reshape(const Array<K, D...>& x) {
  static_assert(shapes<Array<K, D...>, Array<K, New...>>::equal_sizes,
                "reshape: the old and the new shape have different numbers of elements");
  return Array<K, New...>{ops::reshape(x.in(graph_of(x)), Array<K, New...>::shape)};
}

/// The same, the new shape given as a value.
template <Shape New, Kind K, Size... D>
constexpr auto reshape_to(const Array<K, D...>& x) {
  return array_of<K, New>{ops::reshape(x.in(graph_of(x)), New)};
}

/// A shape without one of its axes; negative axes count from the end.
constexpr Shape dropped_axis(const Shape& shape, int axis) {
  Shape result;
  for (int i = 0; i < shape.rank; ++i) {
    if (i != normal_axis(axis, shape.rank)) result.push_back(shape[i]);
  }
  return result;
}

}  // namespace ctgrad
