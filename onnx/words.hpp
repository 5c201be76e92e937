#pragma once

#include <ctgrad/kernels/philox.hpp>
#include <ctgrad/onnx/terms.hpp>

#include <cmath>

/// Random bits that follow from keys, bit for bit as kernels/philox.hpp makes them.
///
/// ONNX of this version has no exclusive or, and runtimes have arithmetic for few unsigned types. So words of
/// 32 bits are integers of 64 in [0, 2^32), products go in halves that stay below 2^63, and exclusive or is
/// the sum of bits modulo 2. Philox4x32 is a function of the file's own that nodes call; runtimes inline it.
namespace ctgrad::onnx {

inline constexpr double word_values = 0x1p32;

inline Term modulo(const Term& x, double divisor) { return apply("Mod", {x, beside(x, divisor)}); }

/// Integers of 32 bits as words.
inline Term words_of(const Term& integers) { return modulo(cast(integers, Element::wide), word_values); }

/// Words as the integers of their bits.
inline Term integers_of(const Term& words) {
  return cast(modulo(words + 0x1p31, word_values) - 0x1p31, Element::index);
}

inline Term sum_of_words(const Term& a, const Term& b) { return modulo(a + b, word_values); }

inline Term exclusive_or(const Term& a, const Term& b, const Term& c) {
  std::vector<double> powers;
  for (int bit = 0; bit < 32; ++bit) powers.push_back(std::ldexp(1.0, bit));
  const Term each = a.to->constant(Element::wide, {32}, powers);
  const auto shifted = [&](const Term& word) { return unsqueezed(word) / each; };
  const Term bits = modulo(shifted(a) + shifted(b) + shifted(c), 2);
  return sum_over(bits * each, {-1}, false);
}

/// The 64 bits of a product of two words, as two words.
struct Product {
  Term high;
  Term low;

  Product(const Term& word, std::uint32_t multiplier) {
    constexpr double half = 0x1p16;
    const Term lower = word * static_cast<double>(multiplier & 0xFFFF);
    const Term upper = word * static_cast<double>(multiplier >> 16) + lower / half;
    high = upper / half;
    low = modulo(upper, half) * half + modulo(lower, half);
  }
};

/// Four words of a counter and two of a key -> four random words.
inline Function philox_function() {
  Builder body(Builder::Of::function);
  Function function{
      "Philox4x32", {"counter_0", "counter_1", "counter_2", "counter_3", "key_0", "key_1"}, {}, {}};
  std::vector<Term> x;
  for (const std::string& name : function.inputs) x.push_back(body.outside(name, Element::wide));
  for (int round = 0; round < philox::rounds; ++round) {
    const Product even(x[0], philox::even_multiplier), odd(x[2], philox::odd_multiplier);
    x = {exclusive_or(odd.high, x[1], x[4]),
         odd.low,
         exclusive_or(even.high, x[3], x[5]),
         even.low,
         modulo(x[4] + static_cast<double>(philox::key_increments[0]), word_values),
         modulo(x[5] + static_cast<double>(philox::key_increments[1]), word_values)};
  }
  for (std::size_t w = 0; w < 4; ++w) {
    function.outputs.push_back("word_" + std::to_string(w));
    body.output(x[w], function.outputs.back());
  }
  function.nodes = body.take("", {}).nodes;
  return function;
}

/// The four random words of a counter, four words too, and a key, in the shape that all broadcast to.
inline std::vector<Term> random_words(const std::vector<Term>& counter, const Term& key_0,
                                      const Term& key_1) {
  Builder& to = *key_0.to;
  to.function("Philox4x32", philox_function);
  std::vector<Term> inputs = counter;
  inputs.push_back(key_0);
  inputs.push_back(key_1);
  return to.nodes("Philox4x32", inputs, {}, Element::wide, 4, std::string(own_domain));
}

/// Word w of keys of shape [K..., 4], with as many further axes of extent 1: [K..., 1, ...].
inline Term key_word(const Term& keys, const Shape& shape, int w, int further_axes) {
  const Term word =
      apply("Slice", {keys, keys.to->integers({w}), keys.to->integers({w + 1}), keys.to->integers({-1})});
  Extents extents = extents_of(shape);
  extents.back() = 1;
  extents.resize(extents.size() - 1 + static_cast<std::size_t>(further_axes), 1);
  return reshaped(word, extents);
}

/// Terms of one shape, element by element: [...] -> [..., count].
inline Term interleaved(const std::vector<Term>& terms) {
  std::vector<Term> columns;
  for (const Term& each : terms) columns.push_back(unsqueezed(each));
  return apply("Concat", columns, {{"axis", std::int64_t{-1}}});
}

/// The elements as rows of a width, and the first columns of these: [rows, columns].
inline Term first_columns(const Term& x, Size width, Size columns) {
  return apply("Slice", {reshaped(x, Extents{-1, width}), x.to->integers({0}), x.to->integers({columns}),
                         x.to->integers({-1})});
}

}  // namespace ctgrad::onnx
