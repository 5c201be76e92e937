#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/constant.hpp>

namespace ctgrad::ops {

/// Reorders axes: axis i of the result is axis order[i] of the operand. Attributes: the order.
struct Permute {
  static constexpr auto name = "permute";
  static auto onnx(const auto& x) { return transposed(x[0], x.attributes().integers, x.shape().rank); }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::moved;
  static constexpr bool moves = true;
  static constexpr bool takes_strides = true;

  static constexpr Type infer(const Type* x, const Attributes& order) {
    Type type = x[0];
    bool seen[max_rank] = {};
    for (int axis = 0; axis < type.shape.rank; ++axis) {
      const std::int32_t source = order.integers[axis];
      if (source < 0 || source >= type.shape.rank || seen[source]) {
        throw std::invalid_argument("permute: the order does not name every axis of " + to_string(x[0]) +
                                    " once");
      }
      seen[source] = true;
      type.shape[axis] = x[0].shape[source];
    }
    return type;
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real()}},
             {{real(3)}, {.integers = {0}}},
             {{real(2, 3)}, {.integers = {1, 0}}},
             {{real(2, 3)}, {.integers = {0, 1}}},
             {{real(2, 3, 4)}, {.integers = {0, 2, 1}}},
             {{real(2, 3, 4)}, {.integers = {1, 2, 0}}},
             {{real(2, 3, 4)}, {.integers = {2, 0, 1}}},
             {{real(2, 3, 4)}, {.integers = {2, 1, 0}}},
             {{real(2, 3, 1, 2)}, {.integers = {0, 2, 1, 3}}},
             {{real(2, 3, 1, 2)}, {.integers = {3, 0, 2, 1}}},
             {{real(2, 0, 3)}, {.integers = {2, 0, 1}}},
             {{index(2, 3)}, {.integers = {1, 0}}},
             {{mask(2, 3)}, {.integers = {1, 0}}}},
            {{{real(2, 3)}, {.integers = {0, 0}}},
             {{real(2, 3)}, {.integers = {1, 2}}},
             {{real(2, 3)}, {.integers = {-1, 0}}}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    static constexpr Shape strides[] = {permuted(Call::strides(0), Call::attributes)};
    static constexpr auto nest = kernels::loop_nest(Call::shape, strides);
    kernels::elementwise<nest>([](auto x) { return x; }, Call::result(p), Call::template operand<0>(p));
  }

  static constexpr bool view_strides(const ViewArguments& v, Shape& strides) {
    strides = permuted(v.strides, v.attributes);
    return true;
  }
  static constexpr std::optional<double> fold(const FoldArguments& f) { return f.numbers[0]; }
  static constexpr Value transpose(const TransposeArguments& t);
  static constexpr Value batch(const BatchArguments& b);

 private:
  static constexpr Shape permuted(const Shape& strides, const Attributes& order) {
    Shape result = strides;
    for (int axis = 0; axis < strides.rank; ++axis) result[axis] = strides[order.integers[axis]];
    return result;
  }
};

constexpr Value permute(Value x, const std::int32_t (&order)[max_rank]) {
  if (x.absent()) return x;
  Attributes attributes;
  bool moves = false;
  for (int axis = 0; axis < x.shape().rank; ++axis) {
    attributes.integers[axis] = order[axis];
    moves = moves || order[axis] != axis;
  }
  return moves ? emit<Permute>(attributes, x) : x;
}

/// The transpose of a permutation is its inverse.
constexpr Value Permute::transpose(const TransposeArguments& t) {
  std::int32_t inverse[max_rank] = {};
  for (int axis = 0; axis < t.operand_type.shape.rank; ++axis) inverse[t.attributes.integers[axis]] = axis;
  return permute(t.cotangent, inverse);
}

/// Says whether `Order...` names every axis of an array of its rank once.
template <int... Order>
struct permutation {
  static constexpr bool names_every_axis_once = [] {
    constexpr int rank = static_cast<int>(sizeof...(Order));
    bool seen[sizeof...(Order) + 1] = {};
    for (const int axis : std::initializer_list<int>{Order...}) {
      if (axis < 0 || axis >= rank || seen[axis]) return false;
      seen[axis] = true;
    }
    return true;
  }();
};

constexpr Shape permuted_shape(const Shape& shape, std::initializer_list<int> order) {
  Shape result;
  for (const int axis : order) result.push_back(shape[axis]);
  return result;
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// Axis i of the result is axis Order[i] of x.
template <int... Order, Kind K, Size... D>
constexpr auto permute(const Array<K, D...>& x) {
  static_assert(sizeof...(Order) == sizeof...(D), "permute: the order names another number of axes");
  static_assert(ops::permutation<Order...>::names_every_axis_once,
                "permute: an axis is out of range or named twice");
  return array_of<K, ops::permuted_shape(Array<K, D...>::shape, {Order...})>{
      ops::permute(x.in(graph_of(x)), {Order...})};
}

/// The last two axes swapped.
template <Kind K, Size... D>
constexpr auto transpose(const Array<K, D...>& x) {
  static_assert(sizeof...(D) >= 2, "transpose: a matrix has at least two axes");
  return [&]<int... Batch>(std::integer_sequence<int, Batch...>) {
    constexpr int rank = sizeof...(D);
    return permute<Batch..., rank - 1, rank - 2>(x);
  }(std::make_integer_sequence<int, static_cast<int>(sizeof...(D)) - 2>{});
}

}  // namespace ctgrad
