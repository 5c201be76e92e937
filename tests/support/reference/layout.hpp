#pragma once

#include <support/reference/reference.hpp>

#include <ctgrad/ops/registry.hpp>

#include <xtensor/xbroadcast.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xstrided_view.hpp>

/// The same numbers at other positions.
namespace ctgrad::test {

template <>
inline Numbers reference<ops::Broadcast>(const Call& x) {
  return xt::broadcast(x[0], x.shape());
}
template <>
inline Numbers reference<ops::Reshape>(const Call& x) {
  Numbers result = x[0];
  result.reshape(x.shape());
  return result;
}
template <>
inline Numbers reference<ops::Permute>(const Call& x) {
  const std::size_t rank = x[0].dimension();
  return xt::transpose(x[0],
                       Position(x.attributes().integers, x.attributes().integers + static_cast<long>(rank)));
}

template <>
inline Numbers reference<ops::Slice>(const Call& x) {
  xt::xstrided_slice_vector ranges;
  for (std::size_t axis = 0; axis < x.shape().size(); ++axis) {
    const std::ptrdiff_t begin = x.attributes().integers[axis];
    ranges.emplace_back(xt::range(begin, begin + static_cast<std::ptrdiff_t>(x.shape()[axis])));
  }
  return xt::strided_view(x[0], ranges);
}
template <>
inline Numbers reference<ops::Result>(const Call& x) {
  Numbers result(x.shape());
  std::copy_n(x[0].begin() + x.attributes().integers[1], result.size(), result.begin());
  return result;
}
/// Rules leave tuples behind that nothing uses.
template <>
inline Numbers reference<ops::Tuple>(const Call& x) {
  return Numbers(x.shape());
}
template <>
inline Numbers reference<ops::Pad>(const Call& x) {
  Numbers result(x.shape(), 0.0);
  for_each_position({x[0].shape().begin(), x[0].shape().end()}, [&](const Position& p) {
    Position moved = p;
    for (std::size_t axis = 0; axis < p.size(); ++axis)
      moved[axis] += static_cast<std::size_t>(x.attributes().integers[axis]);
    at(result, moved) = at(x[0], p);
  });
  return result;
}
template <>
inline Numbers reference<ops::Concatenate>(const Call& x) {
  return xt::concatenate(xt::xtuple(x[0], x[1]), static_cast<std::size_t>(x.attributes().integers[0]));
}

}  // namespace ctgrad::test
