#pragma once

#include <support/reference/reference.hpp>

#include <ctgrad/ops/registry.hpp>

#include <cmath>
#include <limits>
#include <xtensor/xmath.hpp>
#include <xtensor/xoperation.hpp>

/// Element by element, in xtensor's own functions.
namespace ctgrad::test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Arithmetic

template <>
inline Numbers reference<ops::Add>(const Call& x) {
  return x[0] + x[1];
}
template <>
inline Numbers reference<ops::Sub>(const Call& x) {
  return x[0] - x[1];
}
template <>
inline Numbers reference<ops::Mul>(const Call& x) {
  return x[0] * x[1];
}
template <>
inline Numbers reference<ops::Div>(const Call& x) {
  return x[0] / x[1];
}
template <>
inline Numbers reference<ops::MulNoNan>(const Call& x) {
  return xt::where(xt::equal(x[0], 0.0) || xt::equal(x[1], 0.0), 0.0, x[0] * x[1]);
}
template <>
inline Numbers reference<ops::Maximum>(const Call& x) {
  return xt::where(xt::isnan(x[0]) || xt::isnan(x[1]), not_a_number, xt::where(x[0] > x[1], x[0], x[1]));
}
template <>
inline Numbers reference<ops::Minimum>(const Call& x) {
  return xt::where(xt::isnan(x[0]) || xt::isnan(x[1]), not_a_number, xt::where(x[0] < x[1], x[0], x[1]));
}

// Functions and activations; x times a slope of 0 is 0 at -inf too

template <>
inline Numbers reference<ops::Neg>(const Call& x) {
  return -x[0];
}
template <>
inline Numbers reference<ops::Exp>(const Call& x) {
  return xt::exp(x[0]);
}
template <>
inline Numbers reference<ops::Log>(const Call& x) {
  return xt::log(x[0]);
}
template <>
inline Numbers reference<ops::Sqrt>(const Call& x) {
  return xt::sqrt(x[0]);
}
template <>
inline Numbers reference<ops::Rsqrt>(const Call& x) {
  return 1.0 / xt::sqrt(x[0]);
}
template <>
inline Numbers reference<ops::Square>(const Call& x) {
  return x[0] * x[0];
}
template <>
inline Numbers reference<ops::Abs>(const Call& x) {
  return xt::abs(x[0]);
}
template <>
inline Numbers reference<ops::Tanh>(const Call& x) {
  return xt::tanh(x[0]);
}
template <>
inline Numbers reference<ops::Sigmoid>(const Call& x) {
  return 1.0 / (1.0 + xt::exp(-x[0]));
}
template <>
inline Numbers reference<ops::Erf>(const Call& x) {
  return xt::erf(x[0]);
}
template <>
inline Numbers reference<ops::Erfc>(const Call& x) {
  return xt::erfc(x[0]);
}
template <>
inline Numbers reference<ops::Pow>(const Call& x) {
  return xt::pow(x[0], x.attributes().value);
}
template <>
inline Numbers reference<ops::Power>(const Call& x) {
  return xt::pow(x[0], x[1]);
}
template <>
inline Numbers reference<ops::Sin>(const Call& x) {
  return xt::sin(x[0]);
}
template <>
inline Numbers reference<ops::Cos>(const Call& x) {
  return xt::cos(x[0]);
}
template <>
inline Numbers reference<ops::Asin>(const Call& x) {
  return xt::asin(x[0]);
}
template <>
inline Numbers reference<ops::Acos>(const Call& x) {
  return xt::acos(x[0]);
}
template <>
inline Numbers reference<ops::Atan>(const Call& x) {
  return xt::atan(x[0]);
}
template <>
inline Numbers reference<ops::Atan2>(const Call& x) {
  return xt::atan2(x[0], x[1]);
}
template <>
inline Numbers reference<ops::Sinh>(const Call& x) {
  return xt::sinh(x[0]);
}
template <>
inline Numbers reference<ops::Cosh>(const Call& x) {
  return xt::cosh(x[0]);
}
template <>
inline Numbers reference<ops::Expm1>(const Call& x) {
  return xt::expm1(x[0]);
}
template <>
inline Numbers reference<ops::Log1p>(const Call& x) {
  return xt::log1p(x[0]);
}
template <>
inline Numbers reference<ops::Log1mexp>(const Call& x) {
  return xt::log(-xt::expm1(-x[0]));
}
template <>
inline Numbers reference<ops::Relu>(const Call& x) {
  return xt::where(x[0] < 0.0, 0.0, x[0]);
}
template <>
inline Numbers reference<ops::Gelu>(const Call& x) {
  return xt::where(xt::equal(x[0], -infinity), 0.0, 0.5 * x[0] * xt::erfc(-x[0] / std::sqrt(2.0)));
}
template <>
inline Numbers reference<ops::GeluTanh>(const Call& x) {
  const Numbers u = std::sqrt(2 / std::acos(-1.0)) * (x[0] + 0.044715 * xt::pow(x[0], 3.0));
  return xt::where(xt::equal(x[0], -infinity), 0.0, 0.5 * x[0] * (1.0 + xt::tanh(u)));
}
template <>
inline Numbers reference<ops::Silu>(const Call& x) {
  return xt::where(xt::equal(x[0], -infinity), 0.0, x[0] / (1.0 + xt::exp(-x[0])));
}

template <>
inline Numbers reference<ops::Softplus>(const Call& x) {
  return xt::log1p(xt::exp(x[0]));
}

// Masks

template <>
inline Numbers reference<ops::Less>(const Call& x) {
  return xt::cast<double>(x[0] < x[1]);
}
template <>
inline Numbers reference<ops::LessEqual>(const Call& x) {
  return xt::cast<double>(x[0] <= x[1]);
}
template <>
inline Numbers reference<ops::Equal>(const Call& x) {
  return xt::cast<double>(xt::equal(x[0], x[1]));
}
template <>
inline Numbers reference<ops::LogicalAnd>(const Call& x) {
  return x[0] * x[1];
}
template <>
inline Numbers reference<ops::LogicalOr>(const Call& x) {
  return xt::cast<double>(x[0] + x[1] > 0.0);
}
template <>
inline Numbers reference<ops::LogicalNot>(const Call& x) {
  return 1.0 - x[0];
}
template <>
inline Numbers reference<ops::Select>(const Call& x) {
  return xt::where(x[0] > 0.0, x[1], x[2]);
}
template <>
inline Numbers reference<ops::AsReal>(const Call& x) {
  return x[0];
}

}  // namespace ctgrad::test
