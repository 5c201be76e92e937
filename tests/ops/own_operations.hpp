#pragma once

#include <ctgrad/ctgrad.hpp>

#include <cmath>
#include <utility>

/// Operations that are not the library's, written as a user would write them: one struct each.
namespace own {

using ctgrad::Attributes;
using ctgrad::Linearity;
using ctgrad::Samples;
using ctgrad::Shape;
using ctgrad::Size;
using ctgrad::Tensor;
using ctgrad::Type;
using ctgrad::Value;

/// The area whose hyperbolic sine is x, element by element.
struct Asinh : ctgrad::ops::Unary<Asinh> {
  static constexpr auto name = "asinh";
  static constexpr auto onnx = "Asinh";
  static constexpr Samples samples() { return ctgrad::sample::unary(ctgrad::Domain::any); }

  template <class T>
  static T apply(T x) {
    return std::asinh(x);
  }
  static constexpr Value tangent(const ctgrad::TangentArguments& t) {
    return t.tangents[0] * rsqrt(1 + square(t.operands[0]));
  }
};

/// The last axis from its end to its begin. Linear, with a kernel of its own.
struct Flip {
  static constexpr auto name = "flip";
  static constexpr Linearity linearity = Linearity::linear;

  static constexpr Type infer(const Type* x, const Attributes&) {
    ctgrad::ops::require_kind(name, x, 0, ctgrad::Kind::real);
    ctgrad::ops::require_axes(name, x[0]);
    return x[0];
  }
  static constexpr Samples samples() {
    using namespace ctgrad::sample;
    return {{{{real(3)}}, {{real(1)}}, {{real(2, 4)}}, {{real(0)}}, {{real(2, 1, 3)}}},
            {{{index(2)}}, {{real()}}}};
  }

  template <class Call>
  static void run(const ctgrad::Pointers& p) {
    constexpr Size columns = Call::shape.size() == 0 ? 1 : Call::shape[Call::shape.rank - 1];
    const auto* x = Call::template operand<0>(p);
    auto* result = Call::result(p);
    for (Size i = 0; i < Call::shape.size(); ++i) result[i] = x[i + columns - 1 - 2 * (i % columns)];
  }

  static constexpr Value transpose(const ctgrad::TransposeArguments& t) {
    return ctgrad::emit<Flip>(t.cotangent);
  }
};

/// x transpose(x) of a matrix. Its derivatives and how it goes along an axis follow from its definition.
struct Gram {
  static constexpr auto name = "gram";
  static constexpr Linearity linearity = Linearity::nonlinear;

  static constexpr Type infer(const Type* x, const Attributes&) {
    ctgrad::ops::require_kind(name, x, 0, ctgrad::Kind::real);
    if (x[0].shape.rank != 2) throw std::invalid_argument("gram: takes a matrix");
    return {x[0].kind, ctgrad::shape_of(x[0].shape[0], x[0].shape[0])};
  }
  static constexpr Samples samples() {
    using namespace ctgrad::sample;
    return {{{{real(3, 2)}}, {{real(1, 1)}}, {{real(2, 3)}}, {{real(2, 2)}}, {{real(0, 2)}}},
            {{{real(3)}}, {{index(2, 2)}}}};
  }

  template <class Call>
  static void run(const ctgrad::Pointers& p) {
    constexpr Size rows = Call::shape[0];
    constexpr Size columns = Call::operand_shape(0)[1];
    const auto* x = Call::template operand<0>(p);
    for (Size i = 0; i < rows; ++i) {
      for (Size j = 0; j < rows; ++j) {
        typename Call::Element sum = 0;
        for (Size k = 0; k < columns; ++k) sum += x[i * columns + k] * x[j * columns + k];
        Call::result(p)[i * rows + j] = sum;
      }
    }
  }

  static constexpr Value definition(const ctgrad::DefinitionArguments& d) {
    return ctgrad::ops::matmul(d.operands[0], d.operands[0], false, true);
  }
};

/// Every element of a vector but the last from the next one. Linear, with no transpose of its own.
struct Differences {
  static constexpr auto name = "differences";
  static constexpr Linearity linearity = Linearity::linear;

  static constexpr Type infer(const Type* x, const Attributes&) {
    ctgrad::ops::require_kind(name, x, 0, ctgrad::Kind::real);
    if (x[0].shape.rank != 1 || x[0].shape[0] < 1) throw std::invalid_argument("differences: takes a vector");
    return {x[0].kind, ctgrad::shape_of(x[0].shape[0] - 1)};
  }
  static constexpr Samples samples() {
    using namespace ctgrad::sample;
    return {{{{real(4)}}, {{real(2)}}, {{real(1)}}, {{real(7)}}, {{real(3)}}},
            {{{real(0)}}, {{real(2, 2)}}, {{index(3)}}}};
  }

  template <class Call>
  static void run(const ctgrad::Pointers& p) {
    const auto* x = Call::template operand<0>(p);
    for (Size i = 0; i < Call::shape.size(); ++i) Call::result(p)[i] = x[i + 1] - x[i];
  }

  static constexpr Value definition(const ctgrad::DefinitionArguments& d) {
    return ctgrad::ops::slice(d.operands[0], {1}, d.type.shape) -
           ctgrad::ops::slice(d.operands[0], {0}, d.type.shape);
  }
};

/// The sum and the sum of squares of every row of a matrix: two results.
struct Sums {
  static constexpr auto name = "sums";
  static constexpr Linearity linearity = Linearity::nonlinear;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    ctgrad::ops::require_kind(name, x, 0, ctgrad::Kind::real);
    if (x[0].shape.rank != 2) throw std::invalid_argument("sums: takes a matrix");
    return ctgrad::ops::vector_of_results<Sums>(x, attributes);
  }
  static constexpr int results(const Type* x, const Attributes&, Type* results) {
    results[0] = results[1] = {x[0].kind, ctgrad::shape_of(x[0].shape[0])};
    return 2;
  }
  static constexpr Samples samples() {
    using namespace ctgrad::sample;
    return {{{{real(3, 2)}}, {{real(1, 4)}}, {{real(2, 2)}}, {{real(4, 1)}}, {{real(0, 2)}}},
            {{{real(3)}}, {{index(2, 2)}}}};
  }

  template <class Call>
  static void run(const ctgrad::Pointers& p) {
    constexpr Shape shape = Call::operand_shape(0);
    const auto* x = Call::template operand<0>(p);
    for (Size row = 0; row < shape[0]; ++row) {
      typename Call::Element sum = 0;
      typename Call::Element squares = 0;
      for (Size i = row * shape[1]; i < (row + 1) * shape[1]; ++i) {
        sum += x[i];
        squares += x[i] * x[i];
      }
      Call::template result<0>(p)[row] = sum;
      Call::template result<1>(p)[row] = squares;
    }
  }

  static constexpr Value definition(const ctgrad::DefinitionArguments& d) {
    const auto sum_of_rows = [&](Value x) {
      return ctgrad::ops::reshape(ctgrad::ops::sum(x, {false, true}), ctgrad::shape_of(x.shape()[0]));
    };
    return ctgrad::ops::tuple({sum_of_rows(d.operands[0]), sum_of_rows(square(d.operands[0]))});
  }
};

template <Size... D>
constexpr Tensor<D...> asinh(const Tensor<D...>& x) {
  return Tensor<D...>{ctgrad::emit<Asinh>(x.in(graph_of(x)))};
}
template <Size... D>
constexpr Tensor<D...> flip(const Tensor<D...>& x) {
  return Tensor<D...>{ctgrad::emit<Flip>(x.in(graph_of(x)))};
}

template <Size T, Size W>
constexpr Tensor<T, T> gram(const Tensor<T, W>& x) {
  return Tensor<T, T>{ctgrad::emit<Gram>(x.in(graph_of(x)))};
}
template <Size N>
constexpr Tensor<N - 1> differences(const Tensor<N>& x) {
  return Tensor<N - 1>{ctgrad::emit<Differences>(x.in(graph_of(x)))};
}
template <Size T, Size W>
constexpr auto sums(const Tensor<T, W>& x) {
  const Value both = ctgrad::emit<Sums>(x.in(graph_of(x)));
  return std::pair{Tensor<T>{ctgrad::ops::result(both, 0)}, Tensor<T>{ctgrad::ops::result(both, 1)}};
}

}  // namespace own

template <>
inline constexpr auto ctgrad::ops::extension<> =
    ctgrad::ops::registry_of<own::Asinh, own::Flip, own::Gram, own::Differences, own::Sums>();
