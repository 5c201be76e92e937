#pragma once

#include <ctgrad/graph/literal.hpp>
#include <ctgrad/ops/constant_array.hpp>

namespace ctgrad::ops {

/// Every element holds its position along one axis. Attributes: the axis.
struct Iota {
  static constexpr auto name = "iota";
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Samples samples() {
    Samples samples;
    for (const Shape& shape : sample::shapes()) {
      for (std::int32_t axis = 0; axis < shape.rank; ++axis)
        samples.accepted.push_back({{}, {.integers = {axis}}, {Kind::index, shape}});
    }
    return samples;
  }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr int axis = Call::attributes.integers[0];
    constexpr Size stride = row_major_strides(Call::shape)[axis];
    if constexpr (Call::shape.size() > 0) {
      for (Size i = 0; i < Call::shape.size(); ++i)
        Call::result(p)[i] = static_cast<typename Call::Element>(i / stride % Call::shape[axis]);
    }
  }
};

constexpr Value iota(Graph& graph, const Shape& shape, int axis) {
  Attributes attributes;
  attributes.integers[0] = axis;
  return {&graph, graph.add({&operation<Iota>, {Kind::index, shape}, attributes})};
}

}  // namespace ctgrad::ops

namespace ctgrad {

constexpr Value Literal::in(Graph& graph, const Type& type) const {
  if (form == Form::constant) return ops::constant(graph, number, type.shape, type.kind);
  if (form == Form::numbers) return ops::constant_array(graph, numbers, type.shape, type.kind);
  if (form == Form::iota) return ops::iota(graph, type.shape, axis);
  throw std::logic_error("an array without a value: arguments and parameters are given theirs by tracing");
}

}  // namespace ctgrad
