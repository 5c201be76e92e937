#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/constant.hpp>
#include <ctgrad/ops/elementwise.hpp>
#include <ctgrad/ops/reshape.hpp>

namespace ctgrad::ops {

constexpr Value sum(Value x, const bool (&axes)[max_rank]);

/// Repeats axes of extent 1. Attributes: the result's shape. Rank does not change: `broadcast_to` adds axes.
struct Broadcast : Elementwise {
  static constexpr auto name = "broadcast";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::moved;
  static constexpr bool moves = true;
  static constexpr bool repeats = true;

  static constexpr Type infer(const Type* x, const Attributes& to) {
    bool fits = x[0].shape.rank == to.shape.rank;
    for (int axis = 0; fits && axis < to.shape.rank; ++axis) {
      fits = x[0].shape[axis] == to.shape[axis] || x[0].shape[axis] == 1;
    }
    if (!fits) {
      throw std::invalid_argument("broadcast: " + to_string(x[0].shape) + " does not repeat to " +
                                  to_string(to.shape));
    }
    return {x[0].kind, to.shape};
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real()}, {.shape = shape_of()}},
             {{real(1)}, {.shape = shape_of(3)}},
             {{real(3)}, {.shape = shape_of(3)}},
             {{real(1)}, {.shape = shape_of(0)}},
             {{real(1, 3)}, {.shape = shape_of(2, 3)}},
             {{real(2, 1)}, {.shape = shape_of(2, 3)}},
             {{real(2, 1)}, {.shape = shape_of(2, 0)}},
             {{real(0, 1)}, {.shape = shape_of(0, 3)}},
             {{real(2, 1, 3)}, {.shape = shape_of(2, 4, 3)}},
             {{real(1, 3, 1, 2)}, {.shape = shape_of(2, 3, 4, 2)}},
             {{index(1, 3)}, {.shape = shape_of(2, 3)}},
             {{mask(2, 1)}, {.shape = shape_of(2, 3)}}},
            {{{real(2)}, {.shape = shape_of(3)}}, {{real(3)}, {.shape = shape_of(2, 3)}}}};
  }

  template <class T>
  static constexpr T apply(T x) {
    return x;
  }

  static constexpr Value batch(const BatchArguments& b);

  static constexpr bool view_strides(const ViewArguments& v, Shape& strides) {
    strides = v.strides;
    for (int axis = 0; axis < v.to.rank; ++axis) {
      if (v.from.extents[axis] != v.to.extents[axis]) strides.extents[axis] = 0;
    }
    return true;
  }

  /// The sum over the repeated axes: the one place where a broadcast is undone.
  static constexpr Value transpose(const TransposeArguments& t) {
    bool axes[max_rank] = {};
    for (int axis = 0; axis < t.operand_type.shape.rank; ++axis) {
      axes[axis] = t.operand_type.shape[axis] != t.attributes.shape[axis];
    }
    return sum(t.cotangent, axes);
  }
};

/// x in the given shape by NumPy's rule: axes are added in front, extents of 1 are repeated.
constexpr Value broadcast_to(Value x, const Shape& shape) {
  if (x.absent() || x.shape() == shape) return x;
  if (x.node().operation == &operation<Constant>)
    return constant(*x.graph, x.node().attributes.value, shape, x.kind());
  Shape padded{{}, shape.rank};
  for (int axis = 0; axis < shape.rank; ++axis) {
    const int source = axis - (shape.rank - x.shape().rank);
    padded[axis] = source < 0 ? 1 : x.shape()[source];
  }
  x = reshape(x, padded);
  if (padded == shape) return x;
  Attributes to;
  to.shape = shape;
  return emit<Broadcast>(to, x);
}

/// Op applied after both operands were broadcast to their common shape.
template <class Op>
constexpr Value emit_broadcast(Value left, Value right) {
  if (!broadcastable(left.shape(), right.shape())) {
    throw std::invalid_argument(std::string(Op::name) + ": shapes " + to_string(left.shape()) + " and " +
                                to_string(right.shape()) + " do not broadcast");
  }
  const Shape shape = broadcast_shape(left.shape(), right.shape());
  return emit<Op>(broadcast_to(left, shape), broadcast_to(right, shape));
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// x in the shape `New...` by NumPy's rule: axes are added in front, extents of 1 are repeated.
template <Size... New, Kind K, Size... D>
constexpr auto broadcast(const Array<K, D...>& x) {
  static_assert(shapes<Array<K, D...>, Array<K, New...>>::broadcasts_to,
                "broadcast: the shape does not broadcast to the new one");
  return Array<K, New...>{ops::broadcast_to(x.in(graph_of(x)), Array<K, New...>::shape)};
}

}  // namespace ctgrad
