#pragma once

#include <ctgrad/kernels/linear_cross_entropy_stages.hpp>
#include <ctgrad/ops/linear_cross_entropy/linear_cross_entropy.hpp>
#include <ctgrad/ops/result.hpp>

namespace ctgrad::ops {

/// The gradients of a linear cross-entropy with respect to x, weight and, if there is one, bias, and the sum
/// itself as the last result, in one pass. Behind the results is room for the kernel, for a chunk of
/// exponentials. Operands: those of LinearCrossEntropy. Attributes: its own, and a factor as the value.
struct LinearCrossEntropyGradients {
  static constexpr auto name = "linear_cross_entropy_gradients";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr int ids_operand = LinearCrossEntropy::ids_operand;
  static constexpr Size id_limit(const Type* operands, const Type& type, const Attributes& attributes) {
    return LinearCrossEntropy::id_limit(operands, type, attributes);
  }

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    require_linear_cross_entropy(name, x, attributes);
    const Size results = vector_of_results<LinearCrossEntropyGradients>(x, attributes).shape.size();
    return {Kind::real,
            shape_of(chunk_begin(results) +
                     kernels::chunk_size(x[0].shape.rows(), x[0].shape.last(), x[1].shape.last()))};
  }

  static constexpr int results(const Type* x, const Attributes& attributes, Type* results) {
    const LinearCrossEntropyForm form(attributes);
    results[0] = x[0];
    results[1] = x[1];
    if (form.bias) results[2] = x[3];
    results[loss(form)] = {Kind::real, {}};
    return loss(form) + 1;
  }
  /// What the gradients are multiplied by, but not the sum. A value of 0 stands for 1.
  static constexpr double factor(const Attributes& attributes) {
    return attributes.value == 0 ? 1 : attributes.value;
  }
  /// Which result is the sum.
  static constexpr int loss(const LinearCrossEntropyForm& form) { return form.bias ? 3 : 2; }

  /// Those of its three products and of the logits.
  static constexpr Size flops(const Type* x, const Type&, const Attributes&) {
    return x[0].shape.rows() * x[1].shape.last() * (6 * x[1].shape[0] + 3);
  }

  static constexpr Value definition(const DefinitionArguments& d);

  static constexpr Size scratch(const Type* x, const Type&, const Attributes& attributes) {
    const auto shape = linear_cross_entropy_shape(x[0].shape, x[1].shape, attributes);
    return kernels::total_count(shape) + kernels::shared_gradients_room(shape) +
           kernels::gradients_room(shape);
  }

  static constexpr Size parts(const Type* x, const Type&, const Attributes& attributes) {
    return kernels::gradient_parts(linear_cross_entropy_shape(x[0].shape, x[1].shape, attributes));
  }
  static constexpr Size stages(const Type* x, const Type&, const Attributes& attributes) {
    return kernels::stage_count(linear_cross_entropy_shape(x[0].shape, x[1].shape, attributes));
  }

  template <class Call>
  static void run(const Pointers& p) {
    using T = typename Call::Element;
    constexpr auto shape =
        linear_cross_entropy_shape(Call::operand_shape(0), Call::operand_shape(1), Call::attributes);
    constexpr int last = loss(LinearCrossEntropyForm(Call::attributes));
    T* sum = Call::template result<last>(p);
    T* chunk = Call::result(p) + chunk_begin(sum + 1 - Call::result(p));
    constexpr Size shared = kernels::total_count(shape), own = shared + kernels::shared_gradients_room(shape);
    const kernels::LinearCrossEntropyCotangents<T> cotangents{Call::template result<0>(p),
                                                              Call::template result<1>(p),
                                                              Call::template result<2>(p),
                                                              chunk,
                                                              p.shared_scratch,
                                                              p.scratch + own};
    const auto operands = linear_cross_entropy_operands<Call>(p);
    const auto scale = static_cast<T>(factor(Call::attributes));
    if constexpr (Call::parts > 1) {
      if (p.part.count > 1) {
        return kernels::StagedCrossEntropyGradients<shape, T>(cotangents, operands, scale,
                                                              p.shared_scratch + shared)
            .run(sum, p.part);
      }
    }
    *sum = kernels::LinearCrossEntropyGradients<shape, T>(cotangents, operands, scale).run();
  }

 private:
  /// Where the chunk begins behind so many elements: at a multiple of a cache line.
  static constexpr Size chunk_begin(Size results) {
    constexpr Size line = 16;
    return (results + line - 1) / line * line;
  }
};

/// A linear cross-entropy's tangent along dx, dweight and dbias. Its transpose is
/// LinearCrossEntropyGradients; it has no kernel. Operands: those of LinearCrossEntropy, dx, dweight,
/// [dbias].
struct LinearCrossEntropyTangent {
  static constexpr auto name = "linear_cross_entropy_tangent";
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr bool has_kernel = false;
  using TangentOf = LinearCrossEntropy;

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
};

}  // namespace ctgrad::ops
