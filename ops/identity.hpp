#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/graph/tree.hpp>
#include <ctgrad/ops/sample.hpp>

/// Operations that change no value but say something to the transforms. They cost nothing: views of their
/// operand.
namespace ctgrad::ops {

struct Identity {
  static constexpr bool is_view = true;
  static constexpr bool moves = true;
  static constexpr ZeroRule zero_rule = ZeroRule::kept;
  static auto onnx(const auto& x) { return x[0]; }
  static constexpr Type infer(const Type* x, const Attributes&) { return x[0]; }
  static constexpr bool view_strides(const ViewArguments& v, Shape& strides) {
    strides = v.strides;
    return true;
  }
  static constexpr Samples samples() { return {sample::of_every_shape({sample::real()}), {}}; }
};

/// The operand as a constant: no derivative passes.
struct StopGradient : Identity {
  static constexpr auto name = "stop_gradient";
  static constexpr Linearity linearity = Linearity::constant;
};

/// The begin of a recomputed function: from here on tangents use values that are computed again.
struct RecomputeBegin : Identity {
  static constexpr auto name = "recompute_begin";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

/// The end of a recomputed function.
struct RecomputeEnd : Identity {
  static constexpr auto name = "recompute_end";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

/// What a recomputed function's values are computed from again. Attributes: a number, so that the second
/// computation is not merged with the first. The plan runs what follows from it as late as it can.
struct Recompute : Identity {
  static constexpr auto name = "recompute";
  static constexpr bool is_late = true;
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr Value transpose(const TransposeArguments& t) { return t.cotangent; }
};

constexpr Value recompute(Value x) {
  Attributes number;
  number.integers[0] = x.graph->next_input_number();
  return emit<Recompute>(number, x);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// The values of a tree as constants: no derivative passes through them.
template <Tree T>
constexpr T stop_gradient(T tree) {
  for_each_leaf(tree, [](auto& leaf) {
    if (leaf.kind == Kind::real && leaf.value.graph != nullptr)
      leaf.value = emit<ops::StopGradient>(leaf.value);
  });
  return tree;
}

namespace ops {

template <class F>
struct Recomputed {
  F f;

  template <class... Arguments>
  constexpr auto operator()(Arguments... arguments) const {
    const auto begin = [](auto& leaf) {
      if (leaf.kind == Kind::real && leaf.value.graph != nullptr)
        leaf.value = emit<RecomputeBegin>(leaf.value);
    };
    (for_each_leaf(arguments, begin), ...);
    auto result = f(arguments...);
    for_each_leaf(result, [](auto& leaf) {
      if (leaf.kind == Kind::real && leaf.value.graph != nullptr) leaf.value = emit<RecomputeEnd>(leaf.value);
    });
    return result;
  }
};

}  // namespace ops

/// f, whose inside is computed again for derivatives instead of being kept: less memory for one more run of
/// f. Source: Chen et al., "Training deep nets with sublinear memory cost", 2016.
template <class F>
constexpr auto recompute(F f) {
  return ops::Recomputed<F>{f};
}

}  // namespace ctgrad
