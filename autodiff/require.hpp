#pragma once

#include <ctgrad/graph/tree.hpp>

/// What the transforms ask of a function and its arguments: the named conditions of their static_asserts, so
/// that a compiler's first error says which argument it is about and of what type that is.
namespace ctgrad::autodiff {

/// How many real arrays a tree type has: those that derivatives are taken with respect to.
template <class T>
constexpr int real_leaves() {
  int count = 0;
  if constexpr (Tree<T>) {
    T tree{};
    for_each_leaf(tree, [&](const auto& leaf) { count += leaf.kind == Kind::real ? 1 : 0; });
  }
  return count;
}

/// Says whether a type is a tree whose arrays are all real: integers, truth values and keys have no
/// derivative.
template <class T>
constexpr bool all_real() {
  bool real = Tree<T>;
  if constexpr (Tree<T>) {
    T tree{};
    for_each_leaf(tree, [&](const auto& leaf) { real = real && leaf.kind == Kind::real; });
  }
  return real;
}

/// Argument number `At` (from 0) of a function that is differentiated, or several.
template <int At, class T>
struct argument {
  static constexpr bool is_real = all_real<T>();
  template <class Tangent>
  static constexpr bool has_a_tangent_like = std::is_same_v<T, Tangent>;
};
template <int At>
struct argument<At, void> {
  // There is none, which another condition says.
  static constexpr bool is_real = true;
  template <class Tangent>
  static constexpr bool has_a_tangent_like = true;
};
template <class... Arguments>
struct argument_types {
  static constexpr bool include_a_real_one = ((real_leaves<Arguments>() > 0) || ...);
  template <bool Callable>
  static constexpr bool suit_the_function = Callable;
  template <int Count>
  static constexpr bool are_at_least = sizeof...(Arguments) >= Count;
};

/// What a function gives.
template <class Result>
struct result {
  static constexpr bool is_real = all_real<Result>();
  static constexpr bool holds_real_numbers = real_leaves<Result>() > 0;
  static constexpr bool is_a_scalar = std::is_base_of_v<Tensor<>, Result>;
  template <class Cotangent>
  static constexpr bool has_a_cotangent_like = std::is_same_v<Result, Cotangent>;
};

/// A chosen position among arguments; they count from 0.
template <int At>
struct position {
  template <int Count>
  static constexpr bool exists_among = At >= 0 && At < Count;
};
template <int... At>
struct positions {
  static constexpr bool differ = [] {
    constexpr int list[] = {At..., -1};
    for (std::size_t i = 0; i < sizeof...(At); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (list[i] == list[k]) return false;
      }
    }
    return true;
  }();
};

/// The type at a position; void where there is none.
template <int At, class... T>
constexpr auto type_at() {
  if constexpr (At >= 0 && At < static_cast<int>(sizeof...(T))) {
    return std::type_identity<std::tuple_element_t<static_cast<std::size_t>(At), std::tuple<T...>>>{};
  } else {
    return std::type_identity<void>{};
  }
}
template <int At, class... T>
using TypeAt = typename decltype(type_at<At, T...>())::type;

/// What a transform gives after a static_assert has failed: any value, so that few errors follow.
template <class First, class... Others>
constexpr First unusable(const First& first, const Others&...) {
  return first;
}

/// Says whether the chosen positions exist, differ and hold real numbers. The static_asserts of each
/// transform, which alone can name it, ask the same one by one.
template <class... Arguments>
struct Among {
  template <int... Chosen>
  static constexpr bool real() {
    constexpr int count = sizeof...(Arguments);
    if constexpr ((position<Chosen>::template exists_among<count> && ...) && positions<Chosen...>::differ) {
      return (argument<Chosen, TypeAt<Chosen, Arguments...>>::is_real && ...);
    } else {
      return false;
    }
  }
};

}  // namespace ctgrad::autodiff
