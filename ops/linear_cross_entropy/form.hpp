#pragma once

#include <ctgrad/kernels/linear_cross_entropy.hpp>
#include <ctgrad/ops/cross_entropy.hpp>
#include <ctgrad/ops/matmul.hpp>

/// A linear layer and the cross-entropy of its result as one operation.
namespace ctgrad::ops {

/// What a linear cross-entropy's attributes say. Operands: x, weight, targets, [bias], [row weights].
struct LinearCrossEntropyForm {
  bool bias = false;
  bool weighted = false;  ///< the losses of the rows are weighted
  bool ignores = false;   ///< a row of weight 0 counts for nothing, whatever its logits hold

  constexpr LinearCrossEntropyForm() = default;
  constexpr explicit LinearCrossEntropyForm(const Attributes& a)
      : bias((a.integers[0] & 1) != 0),
        weighted((a.integers[0] & 2) != 0),
        ignores((a.integers[0] & 4) != 0) {}

  constexpr Attributes attributes() const {
    Attributes a;
    a.integers[0] = (bias ? 1 : 0) | (weighted ? 2 : 0) | (ignores ? 4 : 0);
    return a;
  }

  constexpr int operands() const { return 3 + (bias ? 1 : 0) + (weighted ? 1 : 0); }
  constexpr int row_weights() const { return bias ? 4 : 3; }
};

/// Throws std::invalid_argument where operands x [..., width], weight [width, vocabulary], targets [...],
/// [bias [vocabulary]], [row weights [...]] do not fit.
constexpr void require_linear_cross_entropy(std::string_view name, const Type* x,
                                            const Attributes& attributes) {
  const LinearCrossEntropyForm form(attributes);
  require_kind(name, x, 0, Kind::real);
  require_kind(name, x, 1, Kind::real);
  require_kind(name, x, 2, Kind::index);
  require_axes(name, x[0]);
  if (x[1].shape.rank != 2 || x[0].shape.last() != x[1].shape[0]) {
    throw std::invalid_argument(std::string(name) + ": " + to_string(x[0].shape) + " and " +
                                to_string(x[1].shape) + " do not multiply");
  }
  require_equal_shapes(name, x[2].shape, dropped_axis(x[0].shape, -1));
  if (form.bias) {
    require_kind(name, x, 3, Kind::real);
    require_equal_shapes(name, x[3].shape, shape_of(x[1].shape[1]));
  }
  if (form.weighted) {
    require_kind(name, x, form.row_weights(), Kind::real);
    require_equal_shapes(name, x[form.row_weights()].shape, x[2].shape);
  }
}

/// What the kernels are told.
constexpr kernels::LinearCrossEntropyShape linear_cross_entropy_shape(const Shape& x, const Shape& weight,
                                                                      const Attributes& attributes) {
  const LinearCrossEntropyForm form(attributes);
  return {x.rows(), weight[0], weight[1], form.bias, form.weighted, form.ignores};
}

template <class Call>
kernels::LinearCrossEntropyOperands<typename Call::Element> linear_cross_entropy_operands(const Pointers& p) {
  constexpr LinearCrossEntropyForm form(Call::attributes);
  kernels::LinearCrossEntropyOperands<typename Call::Element> x{
      Call::template operand<0>(p), Call::template operand<1>(p), Call::template operand<2>(p), nullptr,
      nullptr};
  if constexpr (form.bias) x.bias = Call::template operand<3>(p);
  if constexpr (form.weighted) x.row_weights = Call::template operand < form.bias ? 4 : 3 > (p);
  return x;
}

/// The weighted sum of the rows' cross-entropies by plain operations.
constexpr Value linear_cross_entropy_sum(const LinearCrossEntropyForm& form, const Value* x) {
  Graph& graph = *x[0].graph;
  const Size rows = x[0].shape().rows();
  Value logits = matmul(reshape(x[0], shape_of(rows, x[0].shape().last())), x[1]);
  if (form.bias) logits = logits + x[3];
  const Value weights = form.weighted ? as_vector(x[form.row_weights()]) : Value{};
  if (form.ignores) {
    const Value ignored = equal(weights, constant(graph, 0));
    logits = select(reshape(ignored, shape_of(rows, 1)), constant(graph, 0), logits);
  }
  Value losses = emit<CrossEntropy>(logits, as_vector(x[2]));
  if (form.weighted) losses = weights * losses;
  return reshape(sum(losses, {true}), {});
}

}  // namespace ctgrad::ops
