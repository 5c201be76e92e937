#pragma once

#include <ctgrad/kernels/linear_cross_entropy_gradients.hpp>
#include <ctgrad/ops/linear_cross_entropy.hpp>

namespace ctgrad::ops {

/// Where the parts of `LinearCrossEntropyGradients` begin.
struct LinearCrossEntropyParts {
  Size begin[3];   ///< of the gradients of x, weight and bias
  Size loss = 0;   ///< where the sum itself is
  Size chunk = 0;  ///< where the kernel keeps a chunk of exponentials, a multiple of a cache line
  Size size = 0;

  constexpr LinearCrossEntropyParts(const Shape& x, const Shape& weight, bool bias)
      : begin{0, x.size(), x.size() + weight.size()} {
    constexpr Size line = 16;
    loss = begin[2] + (bias ? weight.last() : 0);
    chunk = (loss + line) / line * line;
    size = chunk + kernels::chunk_size(x.rows(), weight.last());
  }
};

/// The gradients of a linear cross-entropy with respect to x, weight and bias, and the sum itself, behind
/// each other in one vector, in one pass. What follows is the kernel's, and 0 in the definition. Operands:
/// those of LinearCrossEntropy.
struct LinearCrossEntropyGradients {
  static constexpr auto name = "linear_cross_entropy_gradients";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr int ids_operand = LinearCrossEntropy::ids_operand;
  static constexpr Size id_limit(const Type* operands, const Type& type, const Attributes& attributes) {
    return LinearCrossEntropy::id_limit(operands, type, attributes);
  }

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    require_linear_cross_entropy(name, x, attributes);
    const bool bias = LinearCrossEntropyForm(attributes).bias;
    return {Kind::real, shape_of(LinearCrossEntropyParts(x[0].shape, x[1].shape, bias).size)};
  }

  /// Those of its three products and of the logits.
  static constexpr Size flops(const Type* x, const Type&, const Attributes&) {
    return x[0].shape.rows() * x[1].shape.last() * (6 * x[1].shape[0] + 3);
  }

  static constexpr Value definition(const DefinitionArguments& d);
  static constexpr Value batch(const BatchArguments& b);

  static constexpr Size scratch(const Type* x, const Type&, const Attributes& attributes) {
    return kernels::total_count(linear_cross_entropy_shape(x[0].shape, x[1].shape, attributes));
  }

  template <class Call>
  static void run(const Pointers& p) {
    using T = typename Call::Element;
    constexpr auto shape =
        linear_cross_entropy_shape(Call::operand_shape(0), Call::operand_shape(1), Call::attributes);
    constexpr LinearCrossEntropyParts parts(Call::operand_shape(0), Call::operand_shape(1), shape.biased);
    T* result = Call::result(p);
    const kernels::LinearCrossEntropyCotangents<T> cotangents{
        result, result + parts.begin[1], result + parts.begin[2], result + parts.chunk, p.scratch};
    const kernels::LinearCrossEntropyGradients<shape, T> gradients(cotangents,
                                                                   linear_cross_entropy_operands<Call>(p));
    result[parts.loss] = gradients.run();
  }
};

/// A linear cross-entropy's tangent along dx, dweight and dbias. Its transpose is
/// LinearCrossEntropyGradients; it has no kernel. Operands: those of LinearCrossEntropy, dx, dweight,
/// [dbias].
struct LinearCrossEntropyTangent {
  static constexpr auto name = "linear_cross_entropy_tangent";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr bool has_kernel = false;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    const LinearCrossEntropyForm form(attributes);
    const Type* tangents = x + form.operands();
    require_equal_shapes(name, x[0].shape, tangents[0].shape);
    require_equal_shapes(name, x[1].shape, tangents[1].shape);
    if (form.bias) require_equal_shapes(name, x[3].shape, tangents[2].shape);
    return LinearCrossEntropy::infer(x, attributes);
  }

  static constexpr Value definition(const DefinitionArguments& d);
  static constexpr Value transpose(const TransposeArguments& t);
  static constexpr Value batch(const BatchArguments& b);
};

}  // namespace ctgrad::ops
