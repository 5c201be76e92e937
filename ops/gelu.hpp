#pragma once

#include <ctgrad/ops/clip.hpp>
#include <ctgrad/ops/erfc.hpp>
#include <ctgrad/ops/tanh.hpp>

#include <numbers>

/// The Gaussian error linear unit (Hendrycks and Gimpel, 2016) in its two forms.
namespace ctgrad {

/// Chooses gelu's form: by the error function, or the approximation by tanh.
enum class GeluForm : std::uint8_t { erf, tanh };

namespace ops {

/// x Phi(x), Phi the normal distribution's cumulative function; its limit 0 at -inf.
struct Gelu : Unary<Gelu> {
  static constexpr auto name = "gelu";
  static constexpr Samples samples() { return sample::unary(Domain::any); }

  template <class T>
  static T apply(T x) {
    const T phi = std::erfc(x * static_cast<T>(-std::numbers::sqrt2 / 2)) / 2;
    return phi == 0 ? -phi : x * phi;
  }
  /// Phi(x) + x Phi'(x). Far from 0 the slope is exactly 0 or 1; the clip keeps inf * 0 out.
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = clip(t.operands[0], -40, 40);
    constexpr double density = std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2;
    return t.tangents[0] *
           (0.5 * erfc(x * (-std::numbers::sqrt2 / 2)) + x * (density * exp(-0.5 * square(x))));
  }
};

/// x (1 + tanh(u)) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3), computed as x sigmoid(2u); its limit 0 at
/// -inf.
struct GeluTanh : Unary<GeluTanh> {
  static constexpr auto name = "gelu_tanh";
  static constexpr Samples samples() { return sample::unary(Domain::any); }
  static constexpr double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  static constexpr double cubic = 0.044715;

  template <class T>
  static T apply(T x) {
    const T u = static_cast<T>(scale) * (x + static_cast<T>(cubic) * x * x * x);
    const T half = 1 / (1 + std::exp(-2 * u));
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

constexpr Value gelu(Value x, GeluForm form = GeluForm::erf) {
  return form == GeluForm::erf ? emit<ops::Gelu>(x) : emit<ops::GeluTanh>(x);
}

/// x Phi(x), or its approximation by tanh when the form asks for it.
template <Size... D>
constexpr Tensor<D...> gelu(const Tensor<D...>& x, GeluForm form = GeluForm::erf) {
  return Tensor<D...>{gelu(x.in(graph_of(x)), form)};
}

}  // namespace ctgrad
