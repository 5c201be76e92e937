#pragma once

#include <ctgrad/ops/slice.hpp>

namespace ctgrad::ops {

/// The second operand behind the first along one axis. Attributes: the axis.
struct Concatenate {
  static constexpr auto name = "concatenate";
  static auto onnx(const auto& x) {
    if (x.shape(0).size() == 0) return x[1];
    return x.shape(1).size() == 0 ? x[0] : along("Concat", x.attributes().integers[0], x[0], x[1]);
  }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::moved;
  static constexpr bool moves = true;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    const int axis = attributes.integers[0];
    Type type = x[0];
    bool fits =
        x[0].kind == x[1].kind && x[0].shape.rank == x[1].shape.rank && axis >= 0 && axis < type.shape.rank;
    for (int i = 0; fits && i < type.shape.rank; ++i) fits = i == axis || x[0].shape[i] == x[1].shape[i];
    if (!fits) {
      throw std::invalid_argument("concatenate: " + to_string(x[0]) + " and " + to_string(x[1]) +
                                  " differ beside axis " + to_string(Size{axis}));
    }
    type.shape[axis] += x[1].shape[axis];
    return type;
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real(2), real(3)}, {.integers = {0}}},
             {{real(1), real(1)}, {.integers = {0}}},
             {{real(0), real(3)}, {.integers = {0}}},
             {{real(2, 3), real(4, 3)}, {.integers = {0}}},
             {{real(2, 3), real(2, 1)}, {.integers = {1}}},
             {{real(2, 0), real(2, 0)}, {.integers = {0}}},
             {{real(2, 3, 2), real(2, 1, 2)}, {.integers = {1}}},
             {{real(2, 1, 3, 2), real(2, 1, 3, 1)}, {.integers = {3}}},
             {{index(2, 3), index(2, 1)}, {.integers = {1}}},
             {{mask(2), mask(1)}, {.integers = {0}}}},
            {{{real(2, 3), real(2, 2)}, {.integers = {0}}},
             {{real(2), real(2, 1)}, {.integers = {0}}},
             {{real(2), index(2)}, {.integers = {0}}},
             {{real(2), real(2)}, {.integers = {1}}},
             {{real(), real()}, {.integers = {0}}}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr Size offset = row_major_strides(Call::shape)[Call::attributes.integers[0]] *
                            Call::operand_shape(0)[Call::attributes.integers[0]];
    copy_part<Call, 0>(Call::result(p), Call::template operand<0>(p));
    copy_part<Call, 1>(Call::result(p) + offset, Call::template operand<1>(p));
  }

  static constexpr Value batch(const BatchArguments& b);
  static constexpr Value transpose(const TransposeArguments& t) {
    std::int32_t begin[max_rank] = {};
    const int axis = t.attributes.integers[0];
    const Size before = t.operand == 0 ? 0 : t.cotangent.shape()[axis] - t.operand_type.shape[axis];
    begin[axis] = static_cast<std::int32_t>(before);
    return slice(t.cotangent, begin, t.operand_type.shape);
  }

 private:
  template <class Call, int Operand, class T>
  static void copy_part(T* result, const T* part) {
    static constexpr Shape shape = Call::operand_shape(Operand);
    static constexpr Shape strides[] = {row_major_strides(shape)};
    static constexpr auto nest = kernels::loop_nest(shape, row_major_strides(Call::shape), strides);
    kernels::elementwise<nest>([](auto x) { return x; }, result, part);
  }
};

constexpr Value concatenate(Value first, Value second, int axis) {
  Attributes attributes;
  attributes.integers[0] = axis;
  return emit<Concatenate>(attributes, first, second);
}

constexpr Shape concatenated_shape(Shape first, const Shape& second, int axis) {
  first[axis] += second[axis];
  return first;
}

template <int Axis, class Left, class Right>
struct besides_axis {
  static constexpr bool agree = [] {
    bool equal = Left::rank == Right::rank;
    for (int i = 0; equal && i < Left::rank; ++i) {
      equal = i == normal_axis(Axis, Left::rank) || Left::shape[i] == Right::shape[i];
    }
    return equal;
  }();
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// Arrays one behind the other along an axis; everywhere else their extents are equal.
template <int Axis, Kind K, Size... A, Size... B, class... More>
constexpr auto concatenate(const Array<K, A...>& first, const Array<K, B...>& second, const More&... more) {
  using Left = Array<K, A...>;
  using Right = Array<K, B...>;
  static_assert(axis<Axis>::template exists_in_rank<Left::rank>, "concatenate: the axis is out of range");
  static_assert(ops::besides_axis<Axis, Left, Right>::agree,
                "concatenate: the shapes differ beside the axis");
  constexpr int at = normal_axis(Axis, Left::rank);
  using Result = array_of<K, ops::concatenated_shape(Left::shape, Right::shape, at)>;
  Graph& graph = graph_of(first, second, more...);
  const Result both{ops::concatenate(first.in(graph), second.in(graph), at)};
  if constexpr (sizeof...(More) == 0) {
    return both;
  } else {
    return concatenate<Axis>(both, more...);
  }
}

}  // namespace ctgrad
