#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/kernels/rows.hpp>
#include <ctgrad/ops/pointers.hpp>
#include <ctgrad/ops/require.hpp>
#include <ctgrad/ops/sample.hpp>

/// What operations on the rows of the last axis share.
namespace ctgrad::ops {

constexpr void require_rows(std::string_view op, const Type* operands) {
  require_kind(op, operands, 0, Kind::real);
  require_axes(op, operands[0]);
}

/// Rows of up to 19 elements: more than a vector holds.
constexpr Samples row_samples(const Attributes& attributes = {}) {
  using namespace sample;
  Samples samples{{}, {{{real()}, attributes}, {{index(2)}, attributes}, {{mask(2, 3)}, attributes}}};
  for (const Sample::Operand& operand :
       {real(1), real(3), real(2, 19), real(2, 1), real(2, 1, 3), real(2, 2, 1, 3), real(0, 3)}) {
    samples.accepted.push_back({{operand}, attributes});
  }
  return samples;
}

/// [..., width] -> [..., width]
template <class Op>
struct RowMap {
  static constexpr RowWork row_work = RowWork::map;
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_rows(Op::name, x);
    return x[0];
  }

  /// Calls Op::row<width>(y, x, attributes) for every row.
  template <class Call>
  static void run(const Pointers& p) {
    constexpr Size width = Call::shape.last();
    for (Size i = 0; i < Call::shape.rows(); ++i) {
      Op::template row<width>(Call::result(p) + i * width, Call::template operand<0>(p) + i * width,
                              Call::attributes);
    }
  }
};

/// [..., width] -> [..., 1]
template <class Op>
struct RowReduction {
  static constexpr RowWork row_work = RowWork::reduction;
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_rows(Op::name, x);
    Type type = x[0];
    type.shape[type.shape.rank - 1] = 1;
    return type;
  }

  /// Calls Op::row<width>(x, attributes) for every row.
  template <class Call>
  static void run(const Pointers& p) {
    constexpr Size width = Call::operand_shape(0).last();
    for (Size i = 0; i < Call::shape.size(); ++i) {
      Call::result(p)[i] =
          Op::template row<width>(Call::template operand<0>(p) + i * width, Call::attributes);
    }
  }
};

}  // namespace ctgrad::ops
