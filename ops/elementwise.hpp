#pragma once

#include <ctgrad/graph/value.hpp>
#include <ctgrad/kernels/bf16.hpp>
#include <ctgrad/kernels/elementwise.hpp>
#include <ctgrad/ops/pointers.hpp>
#include <ctgrad/ops/require.hpp>
#include <ctgrad/ops/sample.hpp>

#include <tuple>

/// What operations that work element by element share: their types and their kernel.
namespace ctgrad::ops {

/// The kernel of every elementwise operation and of the group that it ends: calls `apply` of every member
/// (with the attributes if it asks for them).
struct Elementwise {
  static constexpr bool takes_strides = true;
  static constexpr bool is_elementwise = true;
  static constexpr std::uint32_t reads_bf16 = ~std::uint32_t{0};
  static constexpr bool writes_bf16 = true;

  /// A loop nest over a dense result and any number of operands.
  template <class... Strides>
  static constexpr auto nest_of(const Shape& shape, const Strides&... strides) {
    if constexpr (sizeof...(Strides) == 0) {
      return kernels::loop_nest_of<0>(shape, row_major_strides(shape), nullptr);
    } else {
      const Shape all[] = {strides...};
      return kernels::loop_nest_of<sizeof...(Strides)>(shape, row_major_strides(shape), all);
    }
  }

  template <class Call>
  static void run(const Pointers& p) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      static constexpr auto nest = nest_of(Call::shape, Call::strides(I)...);
      if constexpr (Call::planned.bf16 != 0) {
        const auto function = [](const auto&... x) CTGRAD_INLINED {
          return kernels::stored_as<typename Call::Stored>(Call::evaluate(std::tuple{kernels::loaded(x)...}));
        };
        kernels::elementwise<nest>(function, Call::result(p), Call::template operand<I>(p)...);
      } else {
        const auto function = [](const auto&... x) CTGRAD_INLINED {
          return Call::evaluate(std::tuple{kernels::loaded(x)...});
        };
        kernels::elementwise<nest>(function, Call::result(p), Call::template operand<I>(p)...);
      }
    }(std::make_index_sequence<static_cast<std::size_t>(Call::operand_count)>{});
  }
};

/// real -> real. Its samples are drawn from the given domain.
template <class Op, Domain From = Domain::any>
struct Unary : Elementwise {
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Samples samples() { return sample::unary(From); }
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(Op::name, x, 0, Kind::real);
    return x[0];
  }
};

/// (real, real) -> real, of equal shapes
template <class Op>
struct Binary : Elementwise {
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(Op::name, x, 0, Kind::real);
    require_kind(Op::name, x, 1, Kind::real);
    require_equal_shapes(Op::name, x[0].shape, x[1].shape);
    return x[0];
  }
};

/// (real, real) or (index, index) -> mask, of equal shapes
template <class Op>
struct Comparison : Elementwise {
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(Op::name, x, 0, x[0].kind == Kind::mask ? Kind::real : x[0].kind);
    require_kind(Op::name, x, 1, x[0].kind);
    require_equal_shapes(Op::name, x[0].shape, x[1].shape);
    return {Kind::mask, x[0].shape};
  }
  static constexpr Samples samples() {
    using namespace sample;
    Samples samples{of_every_shape({real(), real()}), {}};
    samples.accepted.push_back({{index(2, 3), index(2, 3)}});
    samples.refused = {{{real(2), index(2)}}, {{mask(2), mask(2)}}, {{real(2), real(3)}}};
    return samples;
  }
};

}  // namespace ctgrad::ops
