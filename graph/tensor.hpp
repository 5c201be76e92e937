#pragma once

#include <ctgrad/graph/literal.hpp>

#include <type_traits>
#include <utility>

/// Typed tensors: the surface that users write. A type is only a shape and a kind; the value is a node's
/// number.
namespace ctgrad {

/// Says what an array has not while a function is traced: numbers that the compiler could look at.
template <Kind K, Size... Extents>
struct traced {
  template <class Number>
  static constexpr bool has_a_value_yet = false;
  static constexpr bool is_a_function_or_container = false;
};

/// A tensor of a known kind and shape: a node of the graph being traced, or a literal that joins one when it
/// meets a traced tensor.
template <Kind K, Size... Extents>
struct Array {
  static_assert(sizeof...(Extents) <= max_rank, "a tensor has at most 6 axes");
  static_assert(((Extents >= 0) && ...), "an extent is 0 or more");

  static constexpr Kind kind = K;
  static constexpr Shape shape = shape_of(Extents...);
  static constexpr Type type{K, shape};
  static constexpr int rank = static_cast<int>(sizeof...(Extents));
  static constexpr Size size = shape.size();

  constexpr Array() = default;
  constexpr explicit Array(Value traced) : value(traced) {
    if (!traced.absent() && !(traced.type() == type)) {
      throw std::logic_error("a node of shape " + to_string(traced.shape()) + " is no tensor of shape " +
                             to_string(shape));
    }
  }
  constexpr explicit Array(Literal leaf) : literal(leaf) {}

  /// The node in `graph`; a literal becomes one.
  constexpr Value in(Graph& graph) const { return value.graph != nullptr ? value : literal.in(graph, type); }

  /// Not for use: says why `if (x > 0)`, `a && b`, `m ? a : b`, `double(x)` and the like are errors. It is
  /// consteval, so that a compiler looks into it where it stands.
  template <class Number>
    requires std::is_arithmetic_v<Number>
  consteval explicit operator Number() const {
    static_assert(traced<K, Extents...>::template has_a_value_yet<Number>,
                  "a tensor's numbers are known when the program runs, not while its function is traced: "
                  "instead of if, while and ?: say select(mask, a, b); of &&, || and ! on masks &, | and !");
    return Number{};
  }

  /// Not for use: says why x[0] and x(0) are errors.
  template <class Position>
  constexpr auto operator[](const Position&) const {
    static_assert(traced<K, Extents...>::is_a_function_or_container,
                  "a tensor is no function or container: slice<Axis, Begin, End>(x) is a part of it");
    return *this;
  }
  template <class... Positions>
  constexpr auto operator()(const Positions&...) const {
    static_assert(traced<K, Extents...>::is_a_function_or_container,
                  "a tensor is no function or container: slice<Axis, Begin, End>(x) is a part of it");
    return *this;
  }

  Value value;
  Literal literal;
};

/// Real numbers, in the program's scalar type.
template <Size... Extents>
using Tensor = Array<Kind::real, Extents...>;

/// 32-bit integers: ids, positions, targets.
template <Size... Extents>
using Index = Array<Kind::index, Extents...>;

/// Truth values, from comparisons.
template <Size... Extents>
using Mask = Array<Kind::mask, Extents...>;

/// The array type of a kind and a shape known as a value.
template <Kind K, Shape S>
struct ArrayOf {
  template <std::size_t... I>
  static Array<K, S[static_cast<int>(I)]...> make(std::index_sequence<I...>);
  using type = decltype(make(std::make_index_sequence<static_cast<std::size_t>(S.rank)>{}));
};
template <Kind K, Shape S>
using array_of = typename ArrayOf<K, S>::type;

/// The graph that the first traced tensor of several belongs to. Throws std::logic_error for literals alone,
/// which belong to none.
template <class... Arrays>
constexpr Graph& graph_of(const Arrays&... arrays) {
  Graph* graph = nullptr;
  ((graph = graph != nullptr ? graph : arrays.value.graph), ...);
  if (graph == nullptr)
    throw std::logic_error("literals alone have no graph: say beside(x, literal) with a traced x");
  return *graph;
}

template <class Left, class Right>
struct shapes {
  static constexpr bool broadcast = broadcastable(Left::shape, Right::shape);
  static constexpr bool broadcasts_to =
      broadcast && broadcast_shape(Left::shape, Right::shape) == Right::shape;
  static constexpr bool equal = Left::shape == Right::shape;
  static constexpr bool equal_sizes = Left::size == Right::size;
};

/// The array type of an elementwise operation on two arrays, after broadcasting.
template <Kind K, class Left, class Right>
using broadcast_array = array_of<K, broadcast_shape(Left::shape, Right::shape)>;

/// Says whether axis `Axis` exists in an array of rank `Rank`; negative axes count from the end.
template <int Axis>
struct axis {
  template <int Rank>
  static constexpr bool exists_in_rank = Axis >= -Rank && Axis < Rank;
};

/// One number in every element.
template <Size... Extents>
constexpr Tensor<Extents...> constant(double number) {
  return Tensor<Extents...>{Literal{.form = Literal::Form::constant, .number = number}};
}
/// A number of the given kind, of rank 0.
template <Kind K>
constexpr Array<K> literal(double number) {
  return Array<K>{Literal{.form = Literal::Form::constant, .number = number}};
}
/// 0 in every element.
template <Size... Extents>
constexpr Tensor<Extents...> zeros() {
  return constant<Extents...>(0);
}
/// 1 in every element.
template <Size... Extents>
constexpr Tensor<Extents...> ones() {
  return constant<Extents...>(1);
}

/// Every element holds its own position along axis `Axis`.
template <int Axis, Size... Extents>
constexpr Index<Extents...> iota_along() {
  static_assert(axis<Axis>::template exists_in_rank<sizeof...(Extents)>,
                "iota_along: the axis is out of range");
  return Index<Extents...>{
      Literal{.form = Literal::Form::iota, .axis = normal_axis(Axis, sizeof...(Extents))}};
}
/// 0, 1, ... N-1
template <Size N>
constexpr Index<N> iota() {
  return iota_along<0, N>();
}

/// A literal (a constant or an iota) in the graph of a traced array, so that it can be computed with by
/// itself: `beside(x, iota<4>()) < 2`. One that is combined with a traced array needs none of it: `x *
/// iota<4>()`.
template <class Traced, Kind K, Size... D>
constexpr Array<K, D...> beside(const Traced& traced, const Array<K, D...>& literal) {
  return Array<K, D...>{literal.in(graph_of(traced))};
}

}  // namespace ctgrad
