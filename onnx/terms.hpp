#pragma once

#include <ctgrad/onnx/builder.hpp>

#include <concepts>

/// The language in which operations say how they are written as ONNX: their `onnx` finds these functions by
/// its arguments. They broadcast as NumPy does; numbers beside a term become constants of its element type.
namespace ctgrad::onnx {

/// One of ONNX' operators on values of one graph, which gives elements like the first one's.
inline Term apply(const std::string& operation, const std::vector<Term>& inputs,
                  const std::vector<Attribute>& attributes = {}) {
  return inputs.at(0).to->node(operation, inputs, attributes);
}
/// One that gives truth values.
inline Term predicate(const std::string& operation, const std::vector<Term>& inputs) {
  return inputs.at(0).to->node(operation, inputs, {}, Element::mask);
}
/// One that works along an axis; -1 is the last.
Term along(const std::string& operation, std::int64_t axis, const std::same_as<Term> auto&... inputs) {
  return apply(operation, {inputs...}, {{"axis", axis}});
}

/// The number as a constant beside a value.
inline Term beside(const Term& x, double number) { return x.to->scalar(x.element, number); }

inline Term operator+(const Term& a, const Term& b) { return apply("Add", {a, b}); }
inline Term operator-(const Term& a, const Term& b) { return apply("Sub", {a, b}); }
inline Term operator*(const Term& a, const Term& b) { return apply("Mul", {a, b}); }
inline Term operator/(const Term& a, const Term& b) { return apply("Div", {a, b}); }
inline Term operator-(const Term& a) { return apply("Neg", {a}); }
inline Term operator+(const Term& a, double b) { return a + beside(a, b); }
inline Term operator-(const Term& a, double b) { return a - beside(a, b); }
inline Term operator*(const Term& a, double b) { return a * beside(a, b); }
inline Term operator/(const Term& a, double b) { return a / beside(a, b); }
inline Term operator+(double a, const Term& b) { return beside(b, a) + b; }
inline Term operator-(double a, const Term& b) { return beside(b, a) - b; }
inline Term operator*(double a, const Term& b) { return beside(b, a) * b; }
inline Term less(const Term& a, const Term& b) { return predicate("Less", {a, b}); }
inline Term less(const Term& a, double b) { return less(a, beside(a, b)); }
inline Term not_less(const Term& a, double b) { return predicate("GreaterOrEqual", {a, beside(a, b)}); }
inline Term equal(const Term& a, const Term& b) { return predicate("Equal", {a, b}); }
inline Term equal(const Term& a, double b) { return equal(a, beside(a, b)); }
inline Term either(const Term& a, const Term& b) { return predicate("Or", {a, b}); }

/// mask ? a : b
inline Term where(const Term& mask, const Term& a, const Term& b) {
  return mask.to->node("Where", {mask, a, b}, {}, a.element);
}

inline Term cast(const Term& x, Element element) {
  if (x.element == element) return x;
  return x.to->node("Cast", {x}, {{"to", std::int64_t{static_cast<int>(element)}}}, element);
}
inline Term as_real(const Term& x) { return cast(x, Element::real); }

/// x repeated to a shape that it broadcasts to.
inline Term expanded(const Term& x, const Shape& shape) {
  return apply("Expand", {x, x.to->integers(extents_of(shape))});
}
/// The same elements in another shape.
inline Term reshaped(const Term& x, const Extents& extents) {
  return apply("Reshape", {x, x.to->integers(extents)});
}
inline Term reshaped(const Term& x, const Shape& shape) { return reshaped(x, extents_of(shape)); }
/// A new last axis of extent 1.
inline Term unsqueezed(const Term& x) { return apply("Unsqueeze", {x, x.to->integers({-1})}); }

/// Axis i of the result is axis order[i] of x, of so many.
inline Term transposed(const Term& x, const std::int32_t* order, int rank) {
  return apply("Transpose", {x}, {{"perm", Extents(order, order + rank)}});
}
inline Term last_axes_swapped(const Term& x, int rank) {
  std::int32_t order[max_rank] = {};
  for (int axis = 0; axis < rank; ++axis) order[axis] = axis;
  std::swap(order[rank - 1], order[rank - 2]);
  return transposed(x, order, rank);
}

/// The box of x of this shape that begins there.
inline Term boxed(const Term& x, const std::int32_t* begin, const Shape& box) {
  Extents begins, ends;
  for (int axis = 0; axis < box.rank; ++axis) {
    begins.push_back(begin[axis]);
    ends.push_back(begins.back() + box[axis]);
  }
  return box.rank == 0 ? x : apply("Slice", {x, x.to->integers(begins), x.to->integers(ends)});
}
/// x, of shape `from`, within zeros of shape `to`, where it begins there.
inline Term padded(const Term& x, const std::int32_t* begin, const Shape& from, const Shape& to) {
  Extents pads;
  for (int axis = 0; axis < to.rank; ++axis) pads.push_back(begin[axis]);
  for (int axis = 0; axis < to.rank; ++axis) pads.push_back(to[axis] - from[axis] - begin[axis]);
  return pads.empty() ? x : apply("Pad", {x, x.to->integers(pads)});
}

/// Of a reduction whose axes are an attribute; the axes stay, with extent 1. Over none it gives x.
inline Term reduced(const std::string& operation, const Term& x, const Extents& axes) {
  if (axes.empty()) return x;
  return apply(operation, {x}, {{"axes", axes}, {"keepdims", std::int64_t{1}}});
}
/// The sum over axes, which are operands of ONNX' own; `kept` says whether they stay, with extent 1.
inline Term sum_over(const Term& x, const Extents& axes, bool kept = true) {
  if (axes.empty()) return x;
  return apply("ReduceSum", {x, x.to->integers(axes)}, {{"keepdims", std::int64_t{kept ? 1 : 0}}});
}
inline Term row_sum(const Term& x) { return sum_over(x, {-1}); }
inline Term row_max(const Term& x) { return reduced("ReduceMax", x, {-1}); }
inline Term row_mean(const Term& x) { return reduced("ReduceMean", x, {-1}); }

/// The elements at ids, one for every row: [..., width] and [...] -> [..., 1].
inline Term picked(const Term& rows, const Term& ids) {
  return along("GatherElements", -1, rows, unsqueezed(ids));
}
/// A table to which rows are added at their ids; equal ids accumulate.
inline Term scatter_added(const Term& table, const Term& ids, const Term& rows) {
  return apply("ScatterND", {table, unsqueezed(cast(ids, Element::wide)), rows},
               {{"reduction", std::string("add")}});
}

}  // namespace ctgrad::onnx
