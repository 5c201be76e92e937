#pragma once

#include <ctgrad/kernels/hyperbolic.hpp>
#include <ctgrad/kernels/log.hpp>
#include <ctgrad/ops/powers.hpp>

/// Exponentials, logarithms and hyperbolic functions.
namespace ctgrad::ops {

/// e to the power x
struct Exp : Unary<Exp> {
  static constexpr auto name = "exp";
  static constexpr auto onnx = "Exp";
  static constexpr bool is_never_negative = true;
  CTGRAD_INLINE static auto apply(auto x) { return kernels::exp(x); }
  static constexpr Value tangent(const TangentArguments& t) { return t.result * t.tangents[0]; }
};

/// exp(x) - 1 with all digits where x is small.
struct Expm1 : Unary<Expm1> {
  static constexpr auto name = "expm1";
  /// Near 0 as 2 exp(x / 2) sinh(x / 2), in which nothing cancels.
  static auto onnx(const auto& x) {
    const auto near = 2.0 * x("Exp", x[0] * 0.5) * x("Sinh", x[0] * 0.5);
    return where(less(x("Abs", x[0]), 1), near, x("Exp", x[0]) - 1.0);
  }
  CTGRAD_INLINE static auto apply(auto x) { return kernels::expm1(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return emit<Exp>(t.operands[0]) * t.tangents[0];
  }
};

/// The natural logarithm; -inf at 0, NaN below.
struct Log : Unary<Log, Domain::positive> {
  static constexpr auto name = "log";
  static constexpr auto onnx = "Log";
  CTGRAD_INLINE static auto apply(auto x) { return kernels::log(x); }
  static constexpr Value tangent(const TangentArguments& t) { return (1 / t.operands[0]) * t.tangents[0]; }
};

/// log(1 + x) with all digits where x is small; -inf at -1, NaN below.
struct Log1p : Unary<Log1p, Domain::positive> {
  static constexpr auto name = "log1p";
  /// Near 0 as 2 artanh(x / (2 + x)).
  static auto onnx(const auto& x) {
    const auto near = 2.0 * x("Atanh", x[0] / (2.0 + x[0]));
    return where(less(x("Abs", x[0]), 0.5), near, x("Log", 1.0 + x[0]));
  }
  CTGRAD_INLINE static auto apply(auto x) { return kernels::log1p(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return (1 / (1 + t.operands[0])) * t.tangents[0];
  }
};

/// log(1 - exp(-x)): -inf at 0, where the slope is inf; NaN below.
struct Log1mexp : Unary<Log1mexp, Domain::positive> {
  static constexpr auto name = "log1mexp";
  /// Near 0 as log(2 sinh(x / 2)) - x / 2.
  static auto onnx(const auto& x) {
    const auto near = x("Log", 2.0 * x("Sinh", x[0] * 0.5)) - x[0] * 0.5;
    return where(less(x[0], 1), near, x("Log", 1.0 - x("Exp", -x[0])));
  }
  CTGRAD_INLINE static auto apply(auto x) { return kernels::log1mexp(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = t.operands[0];
    return (emit<Exp>(-x) / -emit<Expm1>(-x)) * t.tangents[0];
  }
};

/// (exp(x) - exp(-x)) / 2
struct Sinh : Unary<Sinh> {
  static constexpr auto name = "sinh";
  static constexpr auto onnx = "Sinh";
  CTGRAD_INLINE static auto apply(auto x) { return kernels::sinh(x); }
  static constexpr Value tangent(const TangentArguments& t);
};

/// (exp(x) + exp(-x)) / 2
struct Cosh : Unary<Cosh> {
  static constexpr auto name = "cosh";
  static constexpr auto onnx = "Cosh";
  CTGRAD_INLINE static auto apply(auto x) { return kernels::cosh(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return emit<Sinh>(t.operands[0]) * t.tangents[0];
  }
};

constexpr Value Sinh::tangent(const TangentArguments& t) { return emit<Cosh>(t.operands[0]) * t.tangents[0]; }

/// sinh(x) / cosh(x)
struct Tanh : Unary<Tanh> {
  static constexpr auto name = "tanh";
  static constexpr auto onnx = "Tanh";
  CTGRAD_INLINE static auto apply(auto x) { return kernels::tanh(x); }
  static constexpr Value tangent(const TangentArguments& t) { return t.tangents[0] * (1 - square(t.result)); }
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// e to the power x, element by element; 0 at -inf, inf where it exceeds the scalar type.
constexpr auto exp(const Real auto& x) { return ops::each<ops::Exp>(x); }

/// exp(x) - 1 of every element, with all digits where x is small; -1 at -inf.
constexpr auto expm1(const Real auto& x) { return ops::each<ops::Expm1>(x); }

/// The natural logarithm of every element; -inf at 0, NaN below.
constexpr auto log(const Real auto& x) { return ops::each<ops::Log>(x); }

/// log(1 + x) of every element, with all digits where x is small; -inf at -1, NaN below.
constexpr auto log1p(const Real auto& x) { return ops::each<ops::Log1p>(x); }

/// log(1 - exp(-x)) of every element, with all digits for x > 0; -inf at 0, NaN below.
constexpr auto log1mexp(const Real auto& x) { return ops::each<ops::Log1mexp>(x); }

/// The hyperbolic sine of every element, (exp(x) - exp(-x)) / 2, with all digits where x is small; infinite
/// where it exceeds the scalar type.
constexpr auto sinh(const Real auto& x) { return ops::each<ops::Sinh>(x); }

/// The hyperbolic cosine of every element, (exp(x) + exp(-x)) / 2, at least 1; inf where it exceeds the
/// scalar type.
constexpr auto cosh(const Real auto& x) { return ops::each<ops::Cosh>(x); }

/// The hyperbolic tangent of every element, in [-1, 1].
constexpr auto tanh(const Real auto& x) { return ops::each<ops::Tanh>(x); }

}  // namespace ctgrad
