#pragma once

#include <ctgrad/ops/unary.hpp>

/// Squares, roots and constant powers.
namespace ctgrad::ops {

/// x * x
struct Square : Unary<Square> {
  static constexpr auto name = "square";
  static auto onnx(const auto& x) { return x[0] * x[0]; }
  static constexpr bool is_never_negative = true;
  static constexpr bool folds = true;
  static constexpr auto apply(auto x) { return x * x; }
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] * (2 * t.operands[0]); }
};

/// The square root; NaN below 0. Its slope at 0 is inf.
struct Sqrt : Unary<Sqrt, Domain::positive> {
  static constexpr auto name = "sqrt";
  static constexpr auto onnx = "Sqrt";
  static auto apply(auto x) { return std::sqrt(x); }
  static constexpr Value tangent(const TangentArguments& t) { return (0.5 / t.result) * t.tangents[0]; }
};

/// 1 / sqrt(x)
struct Rsqrt : Unary<Rsqrt, Domain::positive> {
  static constexpr auto name = "rsqrt";
  static auto onnx(const auto& x) { return x("Reciprocal", x("Sqrt", x[0])); }
  static auto apply(auto x) { return 1 / std::sqrt(x); }
  /// Divides the tangent: result / x alone vanishes in float at 1e32, and with it the slope of x rsqrt(x^2).
  static constexpr Value tangent(const TangentArguments& t) {
    return (-0.5 * t.result) * (t.tangents[0] / t.operands[0]);
  }
};

/// x to a constant power, as std::pow: NaN for a negative x and a power that is no integer. Attributes: the
/// power.
struct Pow : Unary<Pow> {
  static constexpr auto name = "pow";
  static auto onnx(const auto& x) { return x("Pow", x[0], x.number(x.attributes().value)); }
  static constexpr Samples samples() {
    Samples samples = sample::unary(Domain::positive, {.value = 2.5});
    samples.accepted.push_back({{sample::real(5)}, {.value = 0}});
    samples.accepted.push_back({{sample::real(5)}, {.value = 1}});
    samples.accepted.push_back({{sample::real(5)}, {.value = 3}});
    samples.accepted.push_back({{{sample::real(5).type, Domain::nonzero}}, {.value = -2}});
    return samples;
  }

  template <class T>
  static T apply(const Attributes& power, T x) {
    return std::pow(x, static_cast<T>(power.value));
  }
  static constexpr Value tangent(const TangentArguments& t);
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// x * x of every element.
constexpr auto square(const Real auto& x) { return ops::each<ops::Square>(x); }

/// The square root of every element; NaN below 0, and the slope at 0 is inf.
constexpr auto sqrt(const Real auto& x) { return ops::each<ops::Sqrt>(x); }

/// 1 / sqrt(x) of every element; inf at 0, NaN below.
constexpr auto rsqrt(const Real auto& x) { return ops::each<ops::Rsqrt>(x); }

constexpr Value pow(Value x, double power) {
  Attributes attributes;
  attributes.value = power;
  return emit<ops::Pow>(attributes, x);
}

/// The power 0 has no slope anywhere; the power 1 has slope 1 at 0 too. A negative power's slope alone may
/// vanish where that of x pow(x, -0.5) does not, so there the tangent is divided.
constexpr Value ops::Pow::tangent(const TangentArguments& t) {
  const double power = t.attributes.value;
  if (power == 0) return {};
  if (power == 1) return t.tangents[0];
  if (power < 0) return (power * t.result) * (t.tangents[0] / t.operands[0]);
  return (power * pow(t.operands[0], power - 1)) * t.tangents[0];
}

/// Every element to the same power, as std::pow: NaN for a negative x and a power that is no integer.
template <Size... D>
constexpr Tensor<D...> pow(const Tensor<D...>& x, double power) {
  return Tensor<D...>{pow(x.in(graph_of(x)), power)};
}

}  // namespace ctgrad
