#pragma once

#include <ctgrad/ops/elementwise.hpp>

namespace ctgrad::ops {

/// The same values in memory of their own: for results that are inputs, views or given twice.
struct Copy : Elementwise {
  static constexpr auto name = "copy";
  static constexpr Linearity linearity = Linearity::linear;

  static constexpr Type infer(const Type* x, const Attributes&) { return x[0]; }
  template <class T>
  static T apply(T x) {
    return x;
  }
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

}  // namespace ctgrad::ops
