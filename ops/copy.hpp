#pragma once

#include <ctgrad/ops/elementwise.hpp>

namespace ctgrad::ops {

/// The same values in memory of their own: for results that are inputs, views or given twice.
struct Copy : Elementwise {
  static constexpr auto name = "copy";
  static auto onnx(const auto& x) { return x[0]; }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::kept;
  static constexpr bool moves = true;

  static constexpr Type infer(const Type* x, const Attributes&) { return x[0]; }
  static constexpr Samples samples() {
    using namespace sample;
    Samples samples{of_every_shape({real()}), {}};
    samples.accepted.push_back({{index(2, 3)}});
    samples.accepted.push_back({{mask(2, 3)}});
    return samples;
  }
  template <class T>
  static T apply(T x) {
    return x;
  }
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

}  // namespace ctgrad::ops
