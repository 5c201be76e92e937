#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/pointers.hpp>
#include <ctgrad/ops/reshape.hpp>

/// One element of every row chosen by ids, and its placement into rows of zeros: each the transpose of the
/// other.
namespace ctgrad::ops {

constexpr Value place(Value x, Value ids, Size width);

/// x [..., V], ids [...] -> [...]: element ids[p] of row p.
struct Pick {
  static constexpr auto name = "pick";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr int ids_operand = 1;
  static constexpr Size id_limit(const Type* operands, const Type&) { return operands[0].shape.last(); }

  static constexpr Type infer(const Type* x, const Attributes&) {
    bool fits = x[1].kind == Kind::index && x[0].shape.rank == x[1].shape.rank + 1;
    for (int axis = 0; fits && axis < x[1].shape.rank; ++axis) fits = x[0].shape[axis] == x[1].shape[axis];
    if (!fits) {
      throw std::invalid_argument("pick: ids of shape " + to_string(x[1].shape) + " for rows of shape " +
                                  to_string(x[0].shape));
    }
    return {x[0].kind, x[1].shape};
  }

  template <class Step>
  static void run(const Pointers& p) {
    for (Size i = 0; i < Step::shape.size(); ++i) {
      const Size id = Step::template operand<1>(p)[i];
      Step::result(p)[i] = Step::template operand<0>(p)[i * Step::operand_shape(0).last() + id];
    }
  }

  static constexpr Value transpose(const TransposeArguments& t) {
    return place(t.cotangent, t.operands[1], t.operand_type.shape.last());
  }
};

/// x [...], ids [...] -> [..., V]: row p holds x[p] at ids[p] and zeros elsewhere. Attributes: V.
struct Place {
  static constexpr auto name = "place";
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr int ids_operand = 1;
  static constexpr Size id_limit(const Type*, const Type& result) { return result.shape.last(); }

  static constexpr Type infer(const Type* x, const Attributes& width) {
    if (x[1].kind != Kind::index || !(x[0].shape == x[1].shape)) {
      throw std::invalid_argument("place: ids of shape " + to_string(x[1].shape) + " for values of shape " +
                                  to_string(x[0].shape));
    }
    Type type = x[0];
    type.shape.push_back(width.integers[0]);
    return type;
  }

  template <class Step>
  static void run(const Pointers& p) {
    constexpr Size width = Step::shape.last();
    for (Size i = 0; i < Step::operand_shape(0).size(); ++i) {
      for (Size j = 0; j < width; ++j) Step::result(p)[i * width + j] = 0;
      Step::result(p)[i * width + Step::template operand<1>(p)[i]] = Step::template operand<0>(p)[i];
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

/// Element ids[p] of every row p of x: x [..., V], ids [...] -> [...]. Running with an id outside [0, V)
/// throws std::out_of_range before anything is computed.
template <Size... D, Size... I>
constexpr Tensor<I...> pick(const Tensor<D...>& x, const Index<I...>& ids) {
  static_assert(sizeof...(D) == sizeof...(I) + 1 &&
                    shapes<array_of<Kind::real, dropped_axis(Tensor<D...>::shape, -1)>, Tensor<I...>>::equal,
                "pick: the ids are not one for every row");
  Graph& graph = graph_of(x, ids);
  return Tensor<I...>{ops::pick(x.in(graph), ids.in(graph))};
}

}  // namespace ctgrad
