#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/pointers.hpp>
#include <ctgrad/ops/require.hpp>
#include <ctgrad/ops/reshape.hpp>
#include <ctgrad/ops/sample.hpp>

/// One element of every row chosen by ids, and its placement into rows of zeros: each the transpose of the
/// other.
namespace ctgrad::ops {

constexpr Value place(Value x, Value ids, Size width);

/// Real rows [..., width] and ids [...].
constexpr void require_id_per_row(std::string_view op, const Type* x) {
  require_kind(op, x, 0, Kind::real);
  require_kind(op, x, 1, Kind::index);
  bool fits = x[0].shape.rank == x[1].shape.rank + 1;
  for (int axis = 0; fits && axis < x[1].shape.rank; ++axis) fits = x[0].shape[axis] == x[1].shape[axis];
  if (!fits) {
    throw std::invalid_argument(std::string(op) + ": ids of shape " + to_string(x[1].shape) +
                                " for rows of shape " + to_string(x[0].shape));
  }
}

constexpr Samples id_per_row_samples() {
  using namespace sample;
  return {
      {{{real(3), index()}},
       {{real(1), index()}},
       {{real(4, 3), index(4)}},
       {{real(1, 19), index(1)}},
       {{real(2, 3, 4), index(2, 3)}},
       {{real(2, 1, 3, 2), index(2, 1, 3)}},
       {{real(0, 3), index(0)}}},
      {{{real(4, 3), index(3)}}, {{real(), index()}}, {{real(4, 3), real(4)}}, {{index(4, 3), index(4)}}}};
}

/// x [..., width], ids [...] -> [...]: element ids[p] of row p.
struct Pick {
  static constexpr auto name = "pick";
  static auto onnx(const auto& x) { return reshaped(picked(x[0], x[1]), x.shape()); }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::summed;
  static constexpr bool moves = true;
  static constexpr int ids_operand = 1;
  static constexpr Size id_limit(const Type* operands, const Type&, const Attributes&) {
    return operands[0].shape.last();
  }

  static constexpr Type infer(const Type* x, const Attributes&) {
    require_id_per_row(name, x);
    return {x[0].kind, x[1].shape};
  }
  static constexpr Samples samples() { return id_per_row_samples(); }

  template <class Call>
  static void run(const Pointers& p) {
    for (Size i = 0; i < Call::shape.size(); ++i) {
      const Size id = Call::template operand<1>(p)[i];
      Call::result(p)[i] = Call::template operand<0>(p)[i * Call::operand_shape(0).last() + id];
    }
  }

  static constexpr Value transpose(const TransposeArguments& t) {
    return place(t.cotangent, t.operands[1], t.operand_type.shape.last());
  }
};

/// x [...], ids [...] -> [..., width]: row p holds x[p] at ids[p] and zeros elsewhere. Attributes: width.
struct Place {
  static constexpr auto name = "place";
  static auto onnx(const auto& x) {
    const auto here = equal(unsqueezed(x[1]), x.positions(x.shape().rank - 1));
    return where(here, unsqueezed(x[0]), x.number(0));
  }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::scattered;
  static constexpr bool moves = true;
  static constexpr int ids_operand = 1;
  static constexpr Size id_limit(const Type*, const Type& result, const Attributes&) {
    return result.shape.last();
  }

  static constexpr Type infer(const Type* x, const Attributes& width) {
    require_kind(name, x, 0, Kind::real);
    require_kind(name, x, 1, Kind::index);
    require_equal_shapes(name, x[0].shape, x[1].shape);
    Type type = x[0];
    type.shape.push_back(width.integers[0]);
    return type;
  }

  static constexpr Samples samples() {
    using namespace sample;
    const Attributes width{.integers = {3}};
    return {{{{real(), index()}, width},
             {{real(1), index(1)}, width},
             {{real(4), index(4)}, width},
             {{real(2, 3), index(2, 3)}, {.integers = {1}}},
             {{real(2, 1, 3), index(2, 1, 3)}, width},
             {{real(2, 1, 3, 2), index(2, 1, 3, 2)}, width},
             {{real(0), index(0)}, width}},
            {{{real(4), index(3)}, width}, {{real(4), real(4)}, width}, {{mask(4), index(4)}, width}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr Size width = Call::shape.last();
    for (Size i = 0; i < Call::operand_shape(0).size(); ++i) {
      for (Size j = 0; j < width; ++j) Call::result(p)[i * width + j] = 0;
      Call::result(p)[i * width + Call::template operand<1>(p)[i]] = Call::template operand<0>(p)[i];
    }
  }

  static constexpr Value transpose(const TransposeArguments& t) {
    return t.cotangent.absent() ? t.cotangent : emit<Pick>(t.cotangent, t.operands[1]);
  }
};

constexpr Value pick(Value x, Value ids) { return x.absent() ? x : emit<Pick>(x, ids); }

constexpr Value place(Value x, Value ids, Size width) {
  Attributes attributes;
  attributes.integers[0] = static_cast<std::int32_t>(width);
  return x.absent() ? x : emit<Place>(attributes, x, ids);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// Element ids[p] of every row p of x: x [..., width], ids [...] -> [...]. Running with an id outside [0,
/// width) throws std::out_of_range before any result has changed.
template <Size... D, Size... I>
constexpr auto pick(const Tensor<D...>& x, const Index<I...>& ids) {
  static_assert(sizeof...(D) == sizeof...(I) + 1 &&
                    shapes<array_of<Kind::real, dropped_axis(Tensor<D...>::shape, -1)>, Tensor<I...>>::equal,
                "pick: the ids are not one for every row");
  Graph& graph = graph_of(x, ids);
  return Tensor<I...>{ops::pick(x.in(graph), ids.in(graph))};
}

}  // namespace ctgrad
