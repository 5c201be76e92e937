#pragma once

#include <ctgrad/nn/cache.hpp>
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

/// softmax(queries keysᵀ / sqrt(width)) [..., T, S] over the keys where the mask [broadcast to ..., T, S] is
/// true; 0 elsewhere, and in all of a row where it is true nowhere.
template <Size... Q, Size... K, Size... M>
constexpr auto attention_weights(const Tensor<Q...>& queries, const Tensor<K...>& keys,
                                 const Mask<M...>& mask) {
  constexpr double width = static_cast<double>(nn::last_extent<Tensor<Q...>>);
  const auto scores = matmul(queries, transpose(keys)) * (1 / square_root(width));
  return softmax(select(mask, scores, -std::numeric_limits<double>::infinity()));
}

/// The sums of values [..., S, width] by the attention weights of queries and keys: [..., T, width].
template <Size... Q, Size... K, Size... V>
constexpr auto attention(const Tensor<Q...>& queries, const Tensor<K...>& keys, const Tensor<V...>& values) {
  return matmul(attention_weights(queries, keys), values);
}
template <Size... Q, Size... K, Size... V, Size... M>
constexpr auto attention(const Tensor<Q...>& queries, const Tensor<K...>& keys, const Tensor<V...>& values,
                         const Mask<M...>& mask) {
  return matmul(attention_weights(queries, keys, mask), values);
}

/// The sums of values [..., S, width] by the attention weights after dropout(weights, rate, key): [..., T,
/// width].
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

/// Says whether an input of a rank is one sequence or a batch of them.
template <int Rank>
struct input_rank {
  static constexpr bool is_2_or_3 = Rank == 2 || Rank == 3;
};

/// Attention by several heads, each on its part of the width: [batch, T, Width] (or [T, Width]) -> the same
/// shape. Weights are dropped at the given rate where a key follows the other arguments, and only there.
template <Size Width, Size Heads = 8, Rate WeightDropout = Rate{0}>
struct MultiHeadAttention {
  static_assert(heads<Heads, Width>::divide_the_width,
                "MultiHeadAttention: the heads (first number) do not divide the width (second number)");
  static_assert(ops::rate<WeightDropout>::lies_between_0_and_1,
                "MultiHeadAttention: the rate of dropout is not in [0, 1]");
  using Projection = Linear<Width, Width>;
  BOOST_HANA_DEFINE_STRUCT(MultiHeadAttention, (Projection, query), (Projection, key), (Projection, value),
                           (Projection, output));
  LayerNumber layer_number;

  static constexpr Size head_width = Heads > 0 ? Width / Heads : 0;

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
    return attend(x, split(key(memory)), split(value(memory)), mask, drop_key...);
  }
  template <Size... D, Size... E, OptionalKey... K>
  constexpr auto operator()(const Tensor<D...>& x, const Tensor<E...>& memory, const K&... drop_key) const {
    return attend(x, split(key(memory)), split(value(memory)), drop_key...);
  }

  /// The weights of all heads, [batch, Heads, T, S] (or [Heads, T, S]).
  template <Size... D, Size... E, class... M>
  constexpr auto weights(const Tensor<D...>& x, const Tensor<E...>& memory, const M&... mask) const {
    return attention_weights(split(query(x)), split(key(memory)), mask...);
  }

  /// What attention over `memory` [batch, S, Width] needs of it, whoever looks.
  template <Size Batch, Size S>
  constexpr KeysAndValues<Batch, Heads, S, head_width> keys_and_values(
      const Tensor<Batch, S, Width>& memory) const {
    return {split(key(memory)), split(value(memory))};
  }

  /// Attention of `x` [batch, T, Width] over keys and values that were made before. A mask may follow, then a
  /// key.
  template <Size Batch, Size T, Size S, class... Rest>
  constexpr auto over(const Tensor<Batch, T, Width>& x,
                      const KeysAndValues<Batch, Heads, S, head_width>& memory, const Rest&... rest) const {
    return attend(x, memory.keys, memory.values, rest...);
  }

  /// Self-attention of one more token, x [batch, 1, Width], at every sequence's position, over itself and
  /// those before it, whose keys and values `cache` holds; gives also its own.
  template <Size Batch, Size Length>
  constexpr auto step(const Tensor<Batch, 1, Width>& x, const Index<Batch>& positions,
                      const KeysAndValues<Batch, Heads, Length, head_width>& cache) const {
    const auto row = keys_and_values(x);
    const auto attended = attend(x, with_row(cache.keys, row.keys, positions),
                                 with_row(cache.values, row.values, positions), seen_at<Length>(positions));
    return Stepped<Tensor<Batch, 1, Width>, KeysAndValues<Batch, Heads, 1, head_width>>{attended, row};
  }

 private:
  /// A mask and a key may follow.
  template <class X, class Keys, class Values, Size... M, OptionalKey... K>
  constexpr auto attend(const X& x, const Keys& keys, const Values& values, const Mask<M...>& mask,
                        const K&... drop_key) const {
    if constexpr (sizeof...(K) == 0) {
      return output(merge(attention(split(query(x)), keys, values, mask)));
    } else {
      return output(merge(attention(split(query(x)), keys, values, mask, WeightDropout.value,
                                    own_key(layer_number, drop_key)...)));
    }
  }
  template <class X, class Keys, class Values, OptionalKey... K>
  constexpr auto attend(const X& x, const Keys& keys, const Values& values, const K&... drop_key) const {
    if constexpr (sizeof...(K) == 0) {
      return output(merge(attention(split(query(x)), keys, values)));
    } else {
      return output(merge(
          attention(split(query(x)), keys, values, WeightDropout.value, own_key(layer_number, drop_key)...)));
    }
  }

  /// [..., T, Width] -> [..., Heads, T, Width / Heads]
  template <Size... D>
  static constexpr auto split(const Tensor<D...>& x) {
    static_assert(input_rank<sizeof...(D)>::is_2_or_3,
                  "MultiHeadAttention: the input is neither [batch, length, width] nor [length, width]");
    return x;
  }
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
