#pragma once

#include <ctgrad/graph/value.hpp>
#include <ctgrad/kernels/elementwise.hpp>
#include <ctgrad/ops/pointers.hpp>

/// What operations that work element by element share: their types and their kernel.
namespace ctgrad::ops {

constexpr void require_kind(const char* message, Kind got, Kind expected) {
  if (got != expected) throw std::invalid_argument(message);
}

constexpr void require_equal_shapes(const Shape& left, const Shape& right) {
  if (!(left == right)) {
    throw std::invalid_argument("operands of shapes " + to_string(left) + " and " + to_string(right) +
                                " must be broadcast first");
  }
}

/// The kernel of every elementwise operation: calls Op::apply (with the attributes if it asks for them).
struct Elementwise {
  static constexpr bool takes_strides = true;

  template <class Step>
  static void run(const Pointers& p) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      static constexpr Shape strides[] = {Step::strides(I)...};
      static constexpr auto nest = kernels::loop_nest(Step::shape, strides);
      const auto function = [](auto... x) {
        if constexpr (requires { Step::Op::apply(Step::attributes, x...); }) {
          return static_cast<typename Step::Element>(Step::Op::apply(Step::attributes, x...));
        } else {
          return static_cast<typename Step::Element>(Step::Op::apply(x...));
        }
      };
      kernels::elementwise<nest>(function, Step::result(p), Step::template operand<I>(p)...);
    }(std::make_index_sequence<static_cast<std::size_t>(Step::operand_count)>{});
  }
};

/// real -> real
struct Unary : Elementwise {
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind("an elementwise function takes real numbers", x[0].kind, Kind::real);
    return x[0];
  }
};

/// (real, real) -> real, of equal shapes
struct Binary : Elementwise {
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind("arithmetic takes real numbers", x[0].kind, Kind::real);
    require_kind("arithmetic takes real numbers", x[1].kind, Kind::real);
    require_equal_shapes(x[0].shape, x[1].shape);
    return x[0];
  }
};

/// (real, real) or (index, index) -> mask, of equal shapes
struct Comparison : Elementwise {
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind("a comparison takes operands of one kind", x[0].kind, x[1].kind);
    require_equal_shapes(x[0].shape, x[1].shape);
    return {Kind::mask, x[0].shape};
  }
};

}  // namespace ctgrad::ops
