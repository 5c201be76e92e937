#pragma once

#include <ctgrad/ops/broadcast.hpp>

namespace ctgrad::ops {

/// mask ? a : b, element by element. Nothing of the branch not taken reaches the result, nor a gradient by
/// elements.
struct Select : Elementwise {
  static constexpr auto name = "select";
  static constexpr auto onnx = "Where";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::chosen;

  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(name, x, 0, Kind::mask);
    require_kind(name, x, 1, Kind::real);
    require_kind(name, x, 2, Kind::real);
    require_equal_shapes(name, x[0].shape, x[1].shape);
    require_equal_shapes(name, x[0].shape, x[2].shape);
    return x[1];
  }
  static constexpr Samples samples() {
    using namespace sample;
    return {of_every_shape({mask(), real(), real()}),
            {{{real(2), real(2), real(2)}},
             {{mask(2), index(2), index(2)}},
             {{mask(2), real(2), mask(2)}},
             {{mask(2), real(3), real(3)}},
             {{mask(2), real(2), real(3)}}}};
  }

  template <class T>
  static T apply(bool mask, T a, T b) {
    return mask ? a : b;
  }

  static constexpr Value transpose(const TransposeArguments& t);
};

constexpr Value select(Value mask, Value a, Value b) {
  if (a.absent() && b.absent()) return {};
  const Shape branches = a.absent()   ? b.shape()
                         : b.absent() ? a.shape()
                                      : broadcast_shape(a.shape(), b.shape());
  const Shape shape = broadcast_shape(mask.shape(), branches);
  const auto branch = [&](Value x) {
    return x.absent() ? constant(*mask.graph, 0, shape) : broadcast_to(x, shape);
  };
  return emit<Select>(broadcast_to(mask, shape), branch(a), branch(b));
}

constexpr Value Select::transpose(const TransposeArguments& t) {
  return t.operand == 1 ? select(t.operands[0], t.cotangent, {}) : select(t.operands[0], {}, t.cotangent);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// mask ? a : b after broadcasting; nothing of the branch not taken reaches the result, nor a gradient
/// through operations by elements. So select(x > 0, x * log(x), 0) has gradient 0 at 0, to any order and in
/// any mode, though the slope of log(x) is infinite there. Matrix products and softmax multiply the zeros of
/// such a gradient by all that they read: where that is infinite or NaN, NaN comes of it.
template <Size... M, Size... A, Size... B>
constexpr auto select(const Mask<M...>& mask, const Tensor<A...>& a, const Tensor<B...>& b) {
  static_assert(shapes<Tensor<A...>, Tensor<B...>>::broadcast, "select: the branches do not broadcast");
  using Branches = broadcast_array<Kind::real, Tensor<A...>, Tensor<B...>>;
  static_assert(shapes<Mask<M...>, Branches>::broadcast,
                "select: the mask does not broadcast to the branches");
  Graph& graph = graph_of(mask, a, b);
  return broadcast_array<Kind::real, Mask<M...>, Branches>{
      ops::select(mask.in(graph), a.in(graph), b.in(graph))};
}
template <Size... M, Size... A>
constexpr auto select(const Mask<M...>& mask, const Tensor<A...>& a, double b) {
  return select(mask, a, constant<>(b));
}
template <Size... M, Size... B>
constexpr auto select(const Mask<M...>& mask, double a, const Tensor<B...>& b) {
  return select(mask, constant<>(a), b);
}
template <Size... M>
constexpr auto select(const Mask<M...>& mask, double a, double b) {
  return select(mask, constant<>(a), constant<>(b));
}

}  // namespace ctgrad
