#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/constant.hpp>
#include <ctgrad/ops/sample.hpp>

namespace ctgrad::ops {

/// Finds the strides of a value of the shape `from` that is reshaped to `to`, and says whether there are any.
/// [4, 6] with strides 6, 1 as [2, 2, 6]  ->  12, 6, 1. Neighbouring axes can be joined only where the outer
/// one's stride is the inner one's times its extent.
constexpr bool reshape_strides(const Shape& from, const Shape& strides, const Shape& to, Shape& result) {
  result = row_major_strides(to);
  if (to.size() <= 1 || is_row_major(from, strides)) return true;
  int axis = 0;
  int next = 0;
  while (next < to.rank) {
    Size extent = to[next];
    int end = next + 1;
    if (extent == 1) {
      next = end;
      continue;
    }
    while (from[axis] == 1) ++axis;
    int last = axis;
    for (Size found = from[axis]; found != extent;) {
      if (found > extent) {
        extent *= to[end++];
        continue;
      }
      const int inner = ++last;
      if (from[inner] == 1) continue;
      if (strides[axis] != strides[inner] * from[inner]) return false;
      axis = inner;
      found *= from[inner];
    }
    Size stride = strides[axis];
    for (int k = end - 1; k >= next; --k) {
      result[k] = stride;
      stride *= to[k];
    }
    axis = last + 1;
    next = end;
  }
  return true;
}

/// The same elements in row-major order under another shape; costs nothing. Attributes: the new shape.
struct Reshape {
  static constexpr auto name = "reshape";
  static auto onnx(const auto& x) { return reshaped(x[0], x.shape()); }
  static constexpr bool is_view = true;
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::moved;
  static constexpr bool moves = true;

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

  static constexpr bool view_strides(const ViewArguments& v, Shape& strides) {
    return reshape_strides(v.from, v.strides, v.to, strides);
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
