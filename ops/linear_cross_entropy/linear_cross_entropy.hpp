#pragma once

#include <ctgrad/ops/linear_cross_entropy/form.hpp>
#include <ctgrad/ops/pointers.hpp>

namespace ctgrad::ops {

/// Operands x, weight, targets, [bias], [row weights] in every form.
constexpr std::vector<Sample> linear_cross_entropy_samples() {
  using namespace sample;
  const auto form = [](bool bias, bool weighted, bool ignores) {
    LinearCrossEntropyForm chosen;
    chosen.bias = bias;
    chosen.weighted = weighted;
    chosen.ignores = ignores;
    return chosen.attributes();
  };
  const auto nonzero = [](auto... extents) {
    return Sample::Operand{{Kind::real, shape_of(extents...)}, Domain::nonzero};
  };
  return {
      {{real(1, 1), real(1, 1), index(1)}, form(false, false, false)},
      {{real(2), real(2, 3), index()}, form(false, false, false)},
      {{real(7, 2), real(2, 19), index(7)}, form(false, false, false)},
      {{real(3, 2), real(2, 3), index(3), real(3)}, form(true, false, false)},
      {{real(2, 2, 3), real(3, 4), index(2, 2), real(4)}, form(true, false, false)},
      {{real(3, 2), real(2, 3), index(3), nonzero(3)}, form(false, true, false)},
      {{real(2, 2, 2), real(2, 3), index(2, 2), real(3), nonzero(2, 2)}, form(true, true, true)},
      {{real(2, 1, 2, 2), real(2, 2), index(2, 1, 2), real(2), nonzero(2, 1, 2)}, form(true, true, false)},
      {{real(0, 2), real(2, 3), index(0), real(3)}, form(true, false, false)},
      {{real(2, 0), real(0, 3), index(2), real(3)}, form(true, false, false)},
  };
}

/// The sum over all rows of -log softmax(x weight + bias)[target], each times its row's weight: x [...,
/// width], weight [width, vocabulary], targets [...], [bias [vocabulary]], [row weights [...]] -> a number.
/// The logits are never stored. See Wijmans et al., "Cut your losses in large-vocabulary language models",
/// 2024.
struct LinearCrossEntropy {
  static constexpr auto name = "linear_cross_entropy";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr int ids_operand = 2;
  static constexpr Size id_limit(const Type* operands, const Type&, const Attributes&) {
    return operands[1].shape.last();
  }

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    require_linear_cross_entropy(name, x, attributes);
    return {Kind::real, {}};
  }

  /// Those of its product and of the logits.
  static constexpr Size flops(const Type* x, const Type&, const Attributes&) {
    return x[0].shape.rows() * x[1].shape.last() * (2 * x[1].shape[0] + 2);
  }

  static constexpr Size scratch(const Type* x, const Type&, const Attributes& attributes) {
    const auto shape = linear_cross_entropy_shape(x[0].shape, x[1].shape, attributes);
    return kernels::loss_room(shape) + kernels::shared_loss_room(shape);
  }

  static constexpr Size parts(const Type* x, const Type&, const Attributes& attributes) {
    const auto shape = linear_cross_entropy_shape(x[0].shape, x[1].shape, attributes);
    return kernels::loss_has_stages(shape) ? kernels::row_groups(kernels::loss_chunk_rows(shape.rows)) : 1;
  }
  static constexpr Size stages(const Type*, const Type&, const Attributes&) { return 2; }

  static constexpr Value definition(const DefinitionArguments& d) {
    return linear_cross_entropy_sum(LinearCrossEntropyForm(d.attributes), d.operands);
  }

  static constexpr Value tangent(const TangentArguments& t);

  static constexpr Samples samples() {
    using namespace sample;
    const Attributes bias{.integers = {1}};
    const Attributes weighted{.integers = {2}};
    return {linear_cross_entropy_samples(),
            {{{real(4, 3), real(2, 5), index(4)}},
             {{real(4, 3), real(3), index(4)}},
             {{real(4, 3), real(3, 5), index(3)}},
             {{real(4, 3), real(3, 5), real(4)}},
             {{real(), real(3, 5), index()}},
             {{real(4, 3), real(3, 5), index(4), real(4)}, bias},
             {{real(4, 3), real(3, 5), index(4), real(5)}, weighted},
             {{real(4, 3), real(3, 5), index(4), mask(4)}, weighted}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr auto shape =
        linear_cross_entropy_shape(Call::operand_shape(0), Call::operand_shape(1), Call::attributes);
    const auto operands = linear_cross_entropy_operands<Call>(p);
    if constexpr (Call::parts > 1) {
      if (p.part.count > 1) {
        auto* losses =
            reinterpret_cast<typename Call::Element*>(p.shared_scratch + kernels::loss_room(shape));
        return kernels::shared_linear_cross_entropy<shape>(Call::result(p), operands, p.part, p.scratch,
                                                           losses);
      }
    }
    *Call::result(p) = kernels::linear_cross_entropy<shape>(operands, p.scratch);
  }
};

}  // namespace ctgrad::ops
