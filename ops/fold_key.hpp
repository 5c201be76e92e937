#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/kernels/keep_mask.hpp>
#include <ctgrad/ops/constant.hpp>

namespace ctgrad::ops {

/// Throws std::invalid_argument where an operand is no key [..., 4].
constexpr void require_key(std::string_view op, const Type* operands, int operand) {
  require_kind(op, operands, operand, Kind::index);
  const Shape& shape = operands[operand].shape;
  if (shape.rank == 0 || shape.last() != 4) {
    throw std::invalid_argument(std::string(op) + ": operand " + to_string(Size{operand}) + " is " +
                                to_string(operands[operand]) + ", expected a key index [..., 4]");
  }
}

/// Says whether something traced is a key.
template <class T>
struct key {
  static constexpr bool is_a_key = std::same_as<T, Array<Kind::index, 4>>;
};

/// Other keys from keys [..., 4] and a number [...] for each: streams of their own, the same first samples.
struct FoldKey {
  static constexpr auto name = "fold_key";
  static auto onnx(const auto& x) {
    const auto keys = words_of(x[0]);
    const auto word = [&](int w) { return key_word(keys, x.shape(0), w, 1); };
    const auto domain = beside(keys, kernels::fold_domain);
    const auto folded = random_words({word(2), unsqueezed(words_of(x[1])), domain, domain}, word(0), word(1));
    return integers_of(along("Concat", -1, folded[0], folded[1], folded[2], word(3)));
  }
  static constexpr Linearity linearity = Linearity::constant;

  static constexpr Type infer(const Type* x, const Attributes&) {
    require_key(name, x, 0);
    require_kind(name, x, 1, Kind::index);
    Shape keys = x[1].shape;
    keys.push_back(4);
    require_equal_shapes(name, x[0].shape, keys);
    return x[0];
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{index(4), index()}}, {{index(3, 4), index(3)}}, {{index(2, 0, 4), index(2, 0)}}},
            {{{index(3), index()}},
             {{index(), index()}},
             {{real(4), index()}},
             {{index(4), real()}},
             {{index(2, 4), index()}}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    for (Size i = 0; i < Call::shape.rows(); ++i) {
      kernels::fold_key(Call::result(p) + 4 * i, Call::template operand<0>(p) + 4 * i,
                        Call::template operand<1>(p)[i]);
    }
  }
};

constexpr Value fold_key(Value key, Value number) { return emit<FoldKey>(key, number); }

}  // namespace ctgrad::ops

namespace ctgrad {

/// What random numbers of a graph follow from: a stream (first a seed of 64 bits and a step) and the number
/// of the first sample. A program takes it as an argument, `random_key(seed, step, first_sample)`. The same
/// key gives the same bits wherever it is used: every place takes one of its own, by `fold_in`.
using Key = Index<4>;

/// The key of place `number` below `key`: an independent stream of random bits, of the same samples.
template <class Number>
  requires std::same_as<Number, Index<>>
constexpr Key fold_in(const Key& key, const Number& number) {
  Graph& graph = graph_of(key, number);
  return Key{ops::fold_key(key.in(graph), number.in(graph))};
}
constexpr Key fold_in(const Key& key, std::int32_t number) {
  return fold_in(key, literal<Kind::index>(number));
}

/// Not for use: says why fold_in(7, 1) is an error.
template <class Other, class Number>
  requires(!std::same_as<Other, Key>)
constexpr auto fold_in(const Other&, const Number&) {
  static_assert(ops::key<Other>::is_a_key,
                "fold_in: a key comes first, which is an argument of the program: random_key(seed, step)");
  return Key{};
}

}  // namespace ctgrad
