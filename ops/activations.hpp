#pragma once

#include <ctgrad/ops/clip.hpp>
#include <ctgrad/ops/error_functions.hpp>

#include <numbers>

/// Activations without a kink. Those of x times a slope have their limit 0 at -inf: where the slope is 0, it
/// is the result, and in a tangent x is clipped to where the slope is exactly 0 or 1, for inf * 0 is NaN.
namespace ctgrad {

/// Chooses gelu's form: by the error function, or the approximation by tanh.
enum class GeluForm : std::uint8_t { erf, tanh };

namespace ops {

/// The logistic function 1 / (1 + exp(-x)); exactly 0 and 1 at -inf and inf.
struct Sigmoid : Unary<Sigmoid> {
  static constexpr auto name = "sigmoid";
  static constexpr auto onnx = "Sigmoid";
  static constexpr bool is_never_negative = true;
  CTGRAD_INLINE static auto apply(auto x) { return kernels::sigmoid(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * (t.result * (1 - t.result));
  }
};

/// log(1 + exp(x)) without overflow: its slope is sigmoid(x), its limits are 0 and x.
struct Softplus : Unary<Softplus> {
  static constexpr auto name = "softplus";
  static constexpr auto onnx = "Softplus";
  CTGRAD_INLINE static auto apply(auto x) { return kernels::softplus(x); }
  static constexpr Value tangent(const TangentArguments& t) {
    return t.tangents[0] * emit<Sigmoid>(t.operands[0]);
  }
};

/// x sigmoid(x), also called swish.
struct Silu : Unary<Silu> {
  static constexpr auto name = "silu";
  static auto onnx(const auto& x) { return x[0] * x("Sigmoid", x[0]); }
  CTGRAD_INLINE static auto apply(auto x) {
    const auto slope = kernels::sigmoid(x);
    return slope == 0 ? -slope : x * slope;
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = clip(t.operands[0], -800, 800);
    const Value s = emit<Sigmoid>(x);
    return t.tangents[0] * (s + x * s * (1 - s));
  }
};

/// x Phi(x), Phi the normal distribution's cumulative function (Hendrycks and Gimpel, 2016).
struct Gelu : Unary<Gelu> {
  static constexpr auto name = "gelu";
  static auto onnx(const auto& x) { return 0.5 * x[0] * (1.0 + x("Erf", x[0] * (std::numbers::sqrt2 / 2))); }
  CTGRAD_INLINE static auto apply(auto x) {
    const auto phi = kernels::normal_cumulative(x);
    return phi == 0 ? -phi : x * phi;
  }
  /// Phi(x) + x Phi'(x)
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = clip(t.operands[0], -40, 40);
    constexpr double density = std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2;
    return t.tangents[0] *
           (0.5 * erfc(x * (-std::numbers::sqrt2 / 2)) + x * (density * exp(-0.5 * square(x))));
  }
};

/// x (1 + tanh(u)) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3), computed as x sigmoid(2u).
struct GeluTanh : Unary<GeluTanh> {
  static constexpr auto name = "gelu_tanh";
  static constexpr double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  static constexpr double cubic = 0.044715;
  static auto onnx(const auto& x) {
    const auto u = scale * (x[0] + cubic * (x[0] * x[0] * x[0]));
    return 0.5 * x[0] * (1.0 + x("Tanh", u));
  }
  template <class T>
  CTGRAD_INLINE static T apply(T x) {
    const T u = static_cast<T>(scale) * (x + static_cast<T>(cubic) * x * x * x);
    const T half = kernels::sigmoid(2 * u);
    return half == 0 ? -half : x * half;
  }
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = clip(t.operands[0], -40, 40);
    const Value x2 = square(x);
    const Value y = tanh(scale * (x + cubic * (x2 * x)));
    const Value slope = scale * (1 + (3 * cubic) * x2);
    return t.tangents[0] * (0.5 * (1 + y) + 0.5 * x * ((1 - square(y)) * slope));
  }
};

}  // namespace ops

/// 1 / (1 + exp(-x)) of every element, in [0, 1].
constexpr auto sigmoid(const Real auto& x) { return ops::each<ops::Sigmoid>(x); }

/// log(1 + exp(x)) of every element, without overflow; 0 at -inf.
constexpr auto softplus(const Real auto& x) { return ops::each<ops::Softplus>(x); }

/// x sigmoid(x) of every element; 0 at -inf.
constexpr auto silu(const Real auto& x) { return ops::each<ops::Silu>(x); }

/// x Phi(x), or its approximation by tanh when the form asks for it; 0 at -inf.
constexpr auto gelu(const Real auto& x, GeluForm form = GeluForm::erf) {
  return form == GeluForm::erf ? ops::each<ops::Gelu>(x) : ops::each<ops::GeluTanh>(x);
}

}  // namespace ctgrad
