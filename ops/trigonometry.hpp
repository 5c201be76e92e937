#pragma once

#include <ctgrad/ops/powers.hpp>

/// Trigonometric functions and their inverses; angles in radians.
namespace ctgrad::ops {

/// sin(x)
struct Sin : Unary<Sin> {
  static constexpr auto name = "sin";
  static constexpr auto onnx = "Sin";
  static auto apply(auto x) { return std::sin(x); }
  static constexpr Value tangent(const TangentArguments& t);
};

/// cos(x)
struct Cos : Unary<Cos> {
  static constexpr auto name = "cos";
  static constexpr auto onnx = "Cos";
  static auto apply(auto x) { return std::cos(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return -emit<Sin>(t.operands[0]) * t.tangents[0];
  }
};

constexpr Value Sin::tangent(const TangentArguments& t) { return emit<Cos>(t.operands[0]) * t.tangents[0]; }

/// 1 / sqrt(1 - x^2), with all digits where |x| is near 1; inf at -1 and 1, NaN beyond.
constexpr Value arc_slope(Value x) { return rsqrt((1 - x) * (1 + x)); }

/// The angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1]. Its slope at -1 and 1 is inf.
struct Asin : Unary<Asin, Domain::inside> {
  static constexpr auto name = "asin";
  static constexpr auto onnx = "Asin";
  static auto apply(auto x) { return std::asin(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return arc_slope(t.operands[0]) * t.tangents[0];
  }
};

/// The angle in [0, pi] whose cosine is x; NaN outside [-1, 1]. Its slope at -1 and 1 is -inf.
struct Acos : Unary<Acos, Domain::inside> {
  static constexpr auto name = "acos";
  static constexpr auto onnx = "Acos";
  static auto apply(auto x) { return std::acos(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return -arc_slope(t.operands[0]) * t.tangents[0];
  }
};

/// The angle in [-pi/2, pi/2] whose tangent is x.
struct Atan : Unary<Atan> {
  static constexpr auto name = "atan";
  static constexpr auto onnx = "Atan";
  static auto apply(auto x) { return std::atan(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return (1 / (1 + square(t.operands[0]))) * t.tangents[0];
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// The sine of every element, in radians; NaN at -inf and inf.
constexpr auto sin(const Real auto& x) { return ops::each<ops::Sin>(x); }

/// The cosine of every element, in radians; NaN at -inf and inf.
constexpr auto cos(const Real auto& x) { return ops::each<ops::Cos>(x); }

/// The angle in [-pi/2, pi/2] whose sine is x, element by element; NaN outside [-1, 1], and the slope at the
/// ends is inf.
constexpr auto asin(const Real auto& x) { return ops::each<ops::Asin>(x); }

/// The angle in [0, pi] whose cosine is x, element by element; NaN outside [-1, 1], and the slope at the ends
/// is -inf.
constexpr auto acos(const Real auto& x) { return ops::each<ops::Acos>(x); }

/// The angle in [-pi/2, pi/2] whose tangent is x, element by element; -pi/2 and pi/2 at -inf and inf.
constexpr auto atan(const Real auto& x) { return ops::each<ops::Atan>(x); }

}  // namespace ctgrad
