#pragma once

#include <ctgrad/ops/matmul.hpp>
#include <ctgrad/ops/permute.hpp>
#include <ctgrad/ops/sum.hpp>

#include <string_view>

/// Contractions in Einstein's notation: a letter for every axis, sums over the letters that the result lacks.
namespace ctgrad {

/// "bij,bjk->bik": the letters of one or two operands' axes, then those of the result's.
template <std::size_t N>
struct Contraction {
  char text[N] = {};
  constexpr Contraction(const char (&letters)[N]) {  // implicit: einsum<"ij->ji">
    for (std::size_t i = 0; i < N; ++i) text[i] = letters[i];
  }
};

namespace ops {

using Letters = std::string_view;

struct Subscripts {
  Letters left, right, result;  ///< right is empty where there is one operand

  constexpr explicit Subscripts(Letters text) {
    const std::size_t arrow = text.find("->");
    result = arrow == Letters::npos ? Letters{} : text.substr(arrow + 2);
    const Letters operands = text.substr(0, arrow);
    const std::size_t comma = operands.find(',');
    left = operands.substr(0, comma);
    right = comma == Letters::npos ? Letters{} : operands.substr(comma + 1);
  }
};

constexpr bool has(Letters letters, char letter) { return letters.find(letter) != Letters::npos; }

/// Says whether there is one letter for every axis, each once.
constexpr bool names_axes(Letters letters, int rank) {
  bool once = letters.size() == static_cast<std::size_t>(rank);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool is_letter =
        (letters[i] >= 'a' && letters[i] <= 'z') || (letters[i] >= 'A' && letters[i] <= 'Z');
    once = once && is_letter && letters.find(letters[i]) == i;
  }
  return once;
}

/// Letters of some axes. (clang 16 evaluates no std::string.)
struct Word {
  char letters[3 * max_rank] = {};
  std::size_t size = 0;

  constexpr operator Letters() const { return {letters, size}; }
  constexpr Word operator+(const Word& other) const {
    Word both = *this;
    for (std::size_t i = 0; i < other.size; ++i) both.letters[both.size++] = other.letters[i];
    return both;
  }
};

/// The letters for which `holds`, in their order.
template <class Holds>
constexpr Word chosen(Letters letters, const Holds& holds) {
  Word result;
  for (const char letter : letters) {
    if (holds(letter)) result.letters[result.size++] = letter;
  }
  return result;
}

/// The extents of axes that `to` names, among axes of `shape` named `letters`.
constexpr Shape extents_of(const Shape& shape, Letters letters, Letters to) {
  Shape result;
  for (const char letter : to) result.push_back(shape[static_cast<int>(letters.find(letter))]);
  return result;
}

/// x, its axes in the order of `to`; sums over those that `to` lacks.
constexpr Value arranged(Value x, Letters letters, Letters to) {
  bool axes[max_rank] = {};
  for (std::size_t i = 0; i < letters.size(); ++i) axes[i] = !has(to, letters[i]);
  const Word kept = chosen(letters, [&](char letter) { return has(to, letter); });
  const Shape shape = extents_of(x.shape(), letters, kept);
  std::int32_t order[max_rank] = {};
  for (std::size_t i = 0; i < to.size(); ++i) order[i] = static_cast<std::int32_t>(Letters(kept).find(to[i]));
  return permute(reshape(sum(x, axes), shape), order);
}

/// A product of matrices [batch, left, inner] and [batch, inner, right], each made of the axes so named.
constexpr Value contract(Value x, Value y, const Subscripts& at) {
  const auto in_both = [&](char letter) { return has(at.left, letter) && has(at.right, letter); };
  const Word batch = chosen(at.result, in_both);
  const Word left = chosen(at.result, [&](char letter) { return !has(at.right, letter); });
  const Word right = chosen(at.result, [&](char letter) { return !has(at.left, letter); });
  const Word inner =
      chosen(at.left, [&](char letter) { return has(at.right, letter) && !has(at.result, letter); });
  const Shape of_batch = extents_of(x.shape(), at.left, batch);
  const Shape of_left = extents_of(x.shape(), at.left, left);
  const Shape of_right = extents_of(y.shape(), at.right, right);
  const Size summed = extents_of(x.shape(), at.left, inner).size();
  const Value a = arranged(x, at.left, batch + left + inner);
  const Value b = arranged(y, at.right, batch + inner + right);
  Value product;
  if (batch.size == 0) {
    product =
        matmul(reshape(a, shape_of(of_left.size(), summed)), reshape(b, shape_of(summed, of_right.size())));
  } else {
    product = matmul(reshape(a, shape_of(of_batch.size(), of_left.size(), summed)),
                     reshape(b, shape_of(of_batch.size(), summed, of_right.size())));
  }
  Shape shape = of_batch;
  for (const Shape& more : {of_left, of_right}) {
    for (int axis = 0; axis < more.rank; ++axis) shape.push_back(more[axis]);
  }
  return arranged(reshape(product, shape), batch + left + right, at.result);
}

}  // namespace ops

/// Says whether a contraction fits operands of these shapes.
template <Contraction C, class Left, class Right = Tensor<>>
struct contraction {
  static constexpr ops::Subscripts at{ops::Letters(C.text)};

  template <class X>
  static constexpr Size extent(ops::Letters letters, char letter) {
    return X::shape[static_cast<int>(letters.find(letter))];
  }

  static constexpr bool names_every_axis_once =
      ops::names_axes(at.left, Left::rank) && ops::names_axes(at.right, Right::rank);

  static constexpr bool result_is_of_these_axes = [] {
    bool known = ops::names_axes(at.result, static_cast<int>(at.result.size()));
    for (const char letter : at.result)
      known = known && (ops::has(at.left, letter) || ops::has(at.right, letter));
    return known;
  }();

  static constexpr bool extents_agree = [] {
    if (!names_every_axis_once) return true;
    for (const char letter : at.left) {
      if (ops::has(at.right, letter) && extent<Left>(at.left, letter) != extent<Right>(at.right, letter))
        return false;
    }
    return true;
  }();

  static constexpr Shape shape = [] {
    Shape result;
    if (!names_every_axis_once || !result_is_of_these_axes) return result;
    for (const char letter : at.result) {
      const bool left = ops::has(at.left, letter);
      result.push_back(left ? extent<Left>(at.left, letter) : extent<Right>(at.right, letter));
    }
    return result;
  }();
};

/// The contraction of two tensors, computed as one matrix product: einsum<"bij,bjk->bik">(x, y) multiplies
/// matrices, einsum<"i,j->ij">(x, y) is the outer product. Every operand has a letter for each of its axes,
/// none twice; equal letters have equal extents; what the result does not name is summed over.
template <Contraction C, Size... A, Size... B>
constexpr auto einsum(const Tensor<A...>& left, const Tensor<B...>& right) {
  using Fit = contraction<C, Tensor<A...>, Tensor<B...>>;
  static_assert(Fit::names_every_axis_once,
                "einsum: the letters do not name every axis of the operands once");
  static_assert(Fit::result_is_of_these_axes,
                "einsum: the result repeats a letter or names one of no operand");
  static_assert(Fit::extents_agree, "einsum: axes of one letter have different extents");
  Graph& graph = graph_of(left, right);
  return array_of<Kind::real, Fit::shape>{ops::contract(left.in(graph), right.in(graph), Fit::at)};
}

/// The axes of a tensor in another order, summed over where the result does not name them:
/// einsum<"ij->ji">(x) is the transpose, einsum<"ij->i">(x) the sums of rows.
template <Contraction C, Size... A>
constexpr auto einsum(const Tensor<A...>& x) {
  using Fit = contraction<C, Tensor<A...>>;
  static_assert(Fit::names_every_axis_once, "einsum: the letters do not name every axis of the operand once");
  static_assert(Fit::result_is_of_these_axes,
                "einsum: the result repeats a letter or names one of no operand");
  return array_of<Kind::real, Fit::shape>{ops::arranged(x.in(graph_of(x)), Fit::at.left, Fit::at.result)};
}

}  // namespace ctgrad
