#pragma once

#include <ctgrad/nn/dropout.hpp>
#include <ctgrad/nn/linear.hpp>

#include <limits>

/// Attention (Vaswani et al., "Attention is all you need", 2017).
namespace ctgrad {

/// The square root by Newton's method from above, since std::sqrt is no constant expression: exact to the
/// last bit or the one beside it.
constexpr double square_root(double x) {
  double root = x > 1 ? x : 1;
  for (double next = (root + x / root) / 2; next < root; next = (root + x / root) / 2) root = next;
  return root;
}

/// softmax(queries keysᵀ / sqrt(width)): queries [..., T, width], keys [..., S, width] -> weights [..., T,
/// S].
template <Size... Q, Size... K>
constexpr auto attention_weights(const Tensor<Q...>& queries, const Tensor<K...>& keys) {
  constexpr double width = static_cast<double>(nn::last_extent<Tensor<Q...>>);
  return softmax(matmul(queries, transpose(keys)) * (1 / square_root(width)));
}

/// The same, attending only where the mask [broadcast to ..., T, S] is true; a row where it never is gives 0.
template <Size... Q, Size... K, Size... M>
constexpr auto attention_weights(const Tensor<Q...>& queries, const Tensor<K...>& keys,
                                 const Mask<M...>& mask) {
  constexpr double width = static_cast<double>(nn::last_extent<Tensor<Q...>>);
  const auto scores = matmul(queries, transpose(keys)) * (1 / square_root(width));
  return softmax(select(mask, scores, -std::numeric_limits<double>::infinity()));
}

/// The weighted sums of values [..., S, width]: [..., T, width].
template <Size... Q, Size... K, Size... V>
constexpr auto attention(const Tensor<Q...>& queries, const Tensor<K...>& keys, const Tensor<V...>& values) {
  return matmul(attention_weights(queries, keys), values);
}
template <Size... Q, Size... K, Size... V, Size... M>
constexpr auto attention(const Tensor<Q...>& queries, const Tensor<K...>& keys, const Tensor<V...>& values,
                         const Mask<M...>& mask) {
  return matmul(attention_weights(queries, keys, mask), values);
}

/// The same with `dropout(weights, rate, key)` in place of the weights.
template <Size... Q, Size... K, Size... V>
constexpr auto attention(const Tensor<Q...>& queries, const Tensor<K...>& keys, const Tensor<V...>& values,
                         double rate, const Key& key) {
  return matmul(dropout(attention_weights(queries, keys), rate, key), values);
}
template <Size... Q, Size... K, Size... V, Size... M>
constexpr auto attention(const Tensor<Q...>& queries, const Tensor<K...>& keys, const Tensor<V...>& values,
                         const Mask<M...>& mask, double rate, const Key& key) {
  return matmul(dropout(attention_weights(queries, keys, mask), rate, key), values);
}

namespace nn {

/// Says whether a number of heads divides a width.
template <Size Heads, Size Width>
struct heads {
  static constexpr bool divide_the_width = Heads > 0 && Width % Heads == 0;
};

/// Attention by several heads, each on its part of the width: [batch, T, Width] (or [T, Width]) -> the same
/// shape. Weights are dropped at the given rate where a key follows the other arguments, and only there.
template <Size Width, Size Heads, Rate WeightDropout = Rate{0}>
struct MultiHeadAttention {
  static_assert(heads<Heads, Width>::divide_the_width,
                "MultiHeadAttention: the heads (first number) do not divide the width (second number)");
  static_assert(ops::rate<WeightDropout>::lies_between_0_and_1,
                "MultiHeadAttention: the rate of dropout is not in [0, 1]");
  using Projection = Linear<Width, Width>;
  BOOST_HANA_DEFINE_STRUCT(MultiHeadAttention, (Projection, query), (Projection, key), (Projection, value),
                           (Projection, output));

  /// Self-attention. A mask [broadcast to batch, Heads, T, T] may follow, true where a token may look; then a
  /// key.
  template <Size... D, Size... M, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const Mask<M...>& mask, const K&... drop_key) const {
    return (*this)(x, x, mask, drop_key...);
  }
  template <Size... D, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const K&... drop_key) const {
    return (*this)(x, x, drop_key...);
  }

  /// Attention of `x` over `memory` [batch, S, Width]. A mask [broadcast to batch, Heads, T, S] may follow,
  /// then a key.
  template <Size... D, Size... E, Size... M, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const Tensor<E...>& memory, const Mask<M...>& mask,
                            const K&... drop_key) const {
    if constexpr (sizeof...(K) == 0) {
      return attend(x, memory, mask);
    } else {
      return attend(x, memory, mask, WeightDropout.value, drop_key...);
    }
  }
  template <Size... D, Size... E, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const Tensor<E...>& memory, const K&... drop_key) const {
    if constexpr (sizeof...(K) == 0) {
      return attend(x, memory);
    } else {
      return attend(x, memory, WeightDropout.value, drop_key...);
    }
  }

  /// The weights of all heads, [batch, Heads, T, S] (or [Heads, T, S]).
  template <Size... D, Size... E, class... M>
  constexpr auto weights(const Tensor<D...>& x, const Tensor<E...>& memory, const M&... mask) const {
    return attention_weights(split(query(x)), split(key(memory)), mask...);
  }

 private:
  static constexpr Size head_width = Heads > 0 ? Width / Heads : 0;

  /// A mask, and a rate and a key, may follow.
  template <class X, class Memory, class... Rest>
  constexpr auto attend(const X& x, const Memory& memory, const Rest&... rest) const {
    static_assert(X::rank == 2 || X::rank == 3, "MultiHeadAttention: the input is [batch, length, width]");
    return output(merge(attention(split(query(x)), split(key(memory)), split(value(memory)), rest...)));
  }

  /// [..., T, Width] -> [..., Heads, T, Width / Heads]
  template <Size T>
  static constexpr auto split(const Tensor<T, Width>& x) {
    return permute<1, 0, 2>(reshape<T, Heads, head_width>(x));
  }
  template <Size Batch, Size T>
  static constexpr auto split(const Tensor<Batch, T, Width>& x) {
    return permute<0, 2, 1, 3>(reshape<Batch, T, Heads, head_width>(x));
  }

  /// The inverse of `split`.
  template <Size T>
  static constexpr auto merge(const Tensor<Heads, T, head_width>& x) {
    return reshape<T, Width>(permute<1, 0, 2>(x));
  }
  template <Size Batch, Size T>
  static constexpr auto merge(const Tensor<Batch, Heads, T, head_width>& x) {
    return reshape<Batch, T, Width>(permute<0, 2, 1, 3>(x));
  }
};

}  // namespace nn
}  // namespace ctgrad
