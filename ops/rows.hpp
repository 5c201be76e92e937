#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/kernels/rows.hpp>
#include <ctgrad/ops/pointers.hpp>

/// What operations on the rows of the last axis share.
namespace ctgrad::ops {

constexpr void require_rows(const Type& type) {
  if (type.kind != Kind::real || type.shape.rank == 0) {
    throw std::invalid_argument(
        "rows: real numbers of rank 1 or more are needed, got rank 0 or another kind");
  }
}

/// [..., width] -> [..., width]
struct RowMap {
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_rows(x[0]);
    return x[0];
  }

  /// Calls Op::row<width>(y, x, attributes) for every row.
  template <class Step>
  static void run(const Pointers& p) {
    constexpr Size width = Step::shape.last();
    for (Size i = 0; i < Step::shape.rows(); ++i) {
      Step::Op::template row<width>(Step::result(p) + i * width, Step::template operand<0>(p) + i * width,
                                    Step::attributes);
    }
  }
};

/// [..., width] -> [..., 1]
struct RowReduction {
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_rows(x[0]);
    Type type = x[0];
    type.shape[type.shape.rank - 1] = 1;
    return type;
  }

  /// Calls Op::row<width>(x, attributes) for every row.
  template <class Step>
  static void run(const Pointers& p) {
    constexpr Size width = Step::operand_shape(0).last();
    for (Size i = 0; i < Step::shape.size(); ++i) {
      Step::result(p)[i] =
          Step::Op::template row<width>(Step::template operand<0>(p) + i * width, Step::attributes);
    }
  }
};

}  // namespace ctgrad::ops
