#pragma once

#include <ctgrad/ctgrad.hpp>

#include <cmath>

/// Two operations that are not the library's, written as a user would write them: one struct each.
namespace own {

using ctgrad::Attributes;
using ctgrad::Linearity;
using ctgrad::Samples;
using ctgrad::Shape;
using ctgrad::Size;
using ctgrad::Tensor;
using ctgrad::Type;
using ctgrad::Value;

/// The area whose hyperbolic sine is x, element by element.
struct Asinh : ctgrad::ops::Unary<Asinh> {
  static constexpr auto name = "asinh";
  static constexpr Samples samples() { return ctgrad::sample::unary(ctgrad::Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::asinh(x);
  }
  static constexpr Value tangent(const ctgrad::TangentArguments& t) {
    return t.tangents[0] * rsqrt(1 + square(t.operands[0]));
  }
};

/// The last axis from its end to its begin. Linear, with a kernel of its own.
struct Flip {
  static constexpr auto name = "flip";
  static constexpr Linearity linearity = Linearity::linear;

  static constexpr Type infer(const Type* x, const Attributes&) {
    ctgrad::ops::require_kind(name, x, 0, ctgrad::Kind::real);
    ctgrad::ops::require_axes(name, x[0]);
    return x[0];
  }
  static constexpr Samples samples() {
    using namespace ctgrad::sample;
    return {{{{real(3)}}, {{real(1)}}, {{real(2, 4)}}, {{real(0)}}, {{real(2, 1, 3)}}},
            {{{index(2)}}, {{real()}}}};
  }

  template <class Call>
  static void run(const ctgrad::Pointers& p) {
    constexpr Size columns = Call::shape.size() == 0 ? 1 : Call::shape[Call::shape.rank - 1];
    const auto* x = Call::template operand<0>(p);
    auto* result = Call::result(p);
    for (Size i = 0; i < Call::shape.size(); ++i) result[i] = x[i + columns - 1 - 2 * (i % columns)];
  }

  static constexpr Value transpose(const ctgrad::TransposeArguments& t) {
    return ctgrad::emit<Flip>(t.cotangent);
  }
};

template <Size... D>
constexpr Tensor<D...> asinh(const Tensor<D...>& x) {
  return Tensor<D...>{ctgrad::emit<Asinh>(x.in(graph_of(x)))};
}
template <Size... D>
constexpr Tensor<D...> flip(const Tensor<D...>& x) {
  return Tensor<D...>{ctgrad::emit<Flip>(x.in(graph_of(x)))};
}

}  // namespace own

template <>
inline constexpr auto ctgrad::ops::extension<> = ctgrad::ops::registry_of<own::Asinh, own::Flip>();
