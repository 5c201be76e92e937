#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/ops/batch.hpp>
#include <ctgrad/ops/fold_key.hpp>

#include <limits>

namespace ctgrad::ops {

/// Throws std::invalid_argument where a share of elements is NaN or outside [0, 1].
constexpr void require_rate(std::string_view op, double rate) {
  if (rate >= 0 && rate <= 1) return;
  const std::string message = std::string(op) + ": rate: expected a number in [0, 1]";
  if (std::is_constant_evaluated()) throw std::invalid_argument(message);
  throw std::invalid_argument(message + ", got " + text::shortest(rate));
}

/// How many of the 2^32 words drop an element: rate 2^32, rounded.
constexpr std::uint64_t drop_threshold(double rate) {
  return (static_cast<std::uint64_t>(rate * 0x1p33) + 1) / 2;
}

/// True with probability 1 - rate, element by element: from keys [K..., 4] a mask [K..., samples, ..., width]
/// (or [K..., samples] or [K...]). An element follows from its key and its position within its sample. The
/// key has the number of the first sample, so any part of a batch finds the bits it has in the whole.
/// Attributes: the rate, a multiple of 2^-32, and the shape.
struct KeepMask {
  static constexpr auto name = "keep_mask";
  /// Words [K..., samples, rows, blocks], four of them the columns of a block.
  static auto onnx(const auto& x) {
    const kernels::KeepExtents e = extents(x.shape(), x.shape(0).rank - 1);
    const auto keys = words_of(x[0]);
    const auto word = [&](int w) { return key_word(keys, x.shape(0), w, 3); };
    const auto sample = sum_of_words(word(3), x.counted(e.samples, 2));
    const auto random =
        random_words({x.counted(e.blocks(), 0), x.counted(e.rows, 1), sample, word(2)}, word(0), word(1));
    const auto columns = first_columns(interleaved(random), 4 * e.blocks(), e.columns);
    const auto least = static_cast<double>(drop_threshold(x.attributes().value));
    return reshaped(not_less(columns, least), x.shape());
  }
  static constexpr Linearity linearity = Linearity::constant;

  static constexpr Type infer(const Type* x, const Attributes& attributes) {
    require_key(name, x, 0);
    require_rate(name, attributes.value);
    const int keys = x[0].shape.rank - 1;
    bool fits = attributes.shape.rank >= keys;
    for (int axis = 0; fits && axis < keys; ++axis) fits = x[0].shape[axis] == attributes.shape[axis];
    if (!fits) {
      throw std::invalid_argument("keep_mask: keys " + to_string(x[0].shape) + " are not those of a mask " +
                                  to_string(attributes.shape));
    }
    return {Kind::mask, attributes.shape};
  }

  static constexpr Samples samples() {
    using namespace sample;
    Samples samples;
    for (const Shape& shape : sample::shapes())
      samples.accepted.push_back({{index(4)}, {.value = 0.5, .shape = shape}});
    for (const double rate : {0.0, 0.125, 1.0})
      samples.accepted.push_back({{index(4)}, {.value = rate, .shape = shape_of(3, 5, 7)}});
    samples.accepted.push_back({{index(4)}, {.value = 0.25, .shape = shape_of(2, 3, 40)}});
    samples.accepted.push_back({{index(2, 4)}, {.value = 0.5, .shape = shape_of(2, 3, 2, 70)}});
    samples.accepted.push_back({{index(3, 2, 4)}, {.value = 0.5, .shape = shape_of(3, 2)}});
    samples.refused = {
        {{index(3)}, {.value = 0.5, .shape = shape_of(2)}},
        {{real(4)}, {.value = 0.5, .shape = shape_of(2)}},
        {{index(2, 4)}, {.value = 0.5, .shape = shape_of(3, 2)}},
        {{index(2, 4)}, {.value = 0.5, .shape = shape_of()}},
        {{index(4)}, {.value = -0.5, .shape = shape_of(2)}},
        {{index(4)}, {.value = 1.5, .shape = shape_of(2)}},
        {{index(4)}, {.value = std::numeric_limits<double>::quiet_NaN(), .shape = shape_of(2)}}};
    return samples;
  }

  static constexpr Value batch(const BatchArguments& b) {
    return emit_batched(b, with_leading_axis(b, b.node.attributes));
  }

  /// What one key gives of a shape, behind the axes of the keys.
  static constexpr kernels::KeepExtents extents(const Shape& shape, int keys) {
    kernels::KeepExtents e;
    if (shape.rank > keys) e.samples = shape[keys];
    if (shape.rank > keys + 1) e.columns = shape.last();
    for (int axis = keys + 1; axis < shape.rank - 1; ++axis) e.rows *= shape[axis];
    return e;
  }

  template <class Call>
  static void run(const Pointers& p) {
    static constexpr kernels::KeepExtents e = extents(Call::shape, Call::operand_shape(0).rank - 1);
    constexpr std::uint64_t threshold = drop_threshold(Call::attributes.value);
    for (Size i = 0; i < Call::operand_shape(0).rows(); ++i) {
      bool* keep = Call::result(p) + i * e.size();
      if constexpr (threshold > 0xFFFFFFFF) {
        std::fill_n(keep, e.size(), false);
      } else {
        const kernels::KeyWords random(Call::template operand<0>(p) + 4 * i);
        kernels::keep_mask<e, static_cast<std::uint32_t>(threshold)>(keep, random);
      }
    }
  }
};

/// The rate is rounded to a multiple of 2^-32.
constexpr Value keep_mask(Value key, double rate, const Shape& shape) {
  require_rate("keep_mask", rate);
  Attributes attributes;
  attributes.value = static_cast<double>(drop_threshold(rate)) * 0x1p-32;
  attributes.shape = shape;
  return emit<KeepMask>(attributes, key);
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// A mask that is true with probability 1 - rate, element by element; its first axis counts samples, from the
/// key's first sample on. The rate is rounded to a multiple of 2^-32. Throws std::invalid_argument, in a
/// constant expression an error, where it is NaN or outside [0, 1].
template <Size... D>
constexpr Mask<D...> keep_mask(double rate, const Key& key) {
  return Mask<D...>{ops::keep_mask(key.in(graph_of(key)), rate, Mask<D...>::shape)};
}

}  // namespace ctgrad
