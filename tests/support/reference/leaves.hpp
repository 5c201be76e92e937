#pragma once

#include <support/reference/reference.hpp>

#include <ctgrad/ops/constant_array.hpp>
#include <ctgrad/ops/copy.hpp>
#include <ctgrad/ops/identity.hpp>
#include <ctgrad/ops/input.hpp>
#include <ctgrad/ops/iota.hpp>

#include <stdexcept>

namespace ctgrad::test {

template <>
inline Numbers reference<ops::Input>(const Call&) {
  throw std::logic_error("interpreter: an input that is none of the graph's");
}

template <>
inline Numbers reference<ops::Constant>(const Call& x) {
  return Numbers(x.shape(), x.attributes().value);
}

template <>
inline Numbers reference<ops::ConstantArray>(const Call& x) {
  Numbers result(x.shape());
  std::copy_n(x.attributes().numbers, result.size(), result.data());
  return result;
}

template <>
inline Numbers reference<ops::Iota>(const Call& x) {
  Numbers result(x.shape());
  const auto axis = static_cast<std::size_t>(x.attributes().integers[0]);
  for_each_position(x.shape(), [&](const Position& p) { at(result, p) = static_cast<double>(p[axis]); });
  return result;
}

template <>
inline Numbers reference<ops::Copy>(const Call& x) {
  return x[0];
}

template <>
inline Numbers reference<ops::StopGradient>(const Call& x) {
  return x[0];
}

template <>
inline Numbers reference<ops::RecomputeBegin>(const Call& x) {
  return x[0];
}

template <>
inline Numbers reference<ops::RecomputeEnd>(const Call& x) {
  return x[0];
}

template <>
inline Numbers reference<ops::Recompute>(const Call& x) {
  return x[0];
}

}  // namespace ctgrad::test
