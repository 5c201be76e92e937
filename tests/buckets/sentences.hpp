#pragma once

#include <ctgrad/buckets/bucketed_program.hpp>
#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

/// A small encoder of sentences, what is computed of it, and sentences for it.
namespace ctgrad::test {

using Sentence = std::vector<std::int32_t>;
using Sentences = std::vector<Sentence>;

struct SentenceModel {
  static constexpr Size vocabulary = 20, width = 8, classes = 3, longest = 12;

  BOOST_HANA_DEFINE_STRUCT(SentenceModel,
    (nn::Embedding<20, 8>,          tokens),
    (nn::PositionEmbedding<12, 8>,  positions),
    (nn::EncoderLayer<8, 2, 12>,    layer),
    (nn::Linear<8, 3>,              head));

  /// A vector for every token.
  template <Size Rows, Size Length>
  constexpr auto each(const nn::TokenBatch<Rows, Length>& text) const {
    return layer(positions(tokens(text.ids)), text.mask());
  }
  /// One sentence without padding, [1, length].
  template <Size Length>
  constexpr auto each(const Index<1, Length>& ids) const {
    return layer(positions(tokens(ids)));
  }

  /// A vector for every sentence.
  template <Size Rows, Size Length>
  constexpr auto operator()(const nn::TokenBatch<Rows, Length>& text) const {
    return text.mean_of_tokens(each(text));
  }
  template <Size Length>
  constexpr auto operator()(const Index<1, Length>& ids) const {
    return mean<1>(each(ids));
  }
};

/// What a program of varying lengths computes, and a Program of one length.
struct Embed {
  constexpr auto operator()(const auto& model, const auto& text) const { return model(text); }
};

/// A class for every sentence.
struct ClassLoss {
  template <Size Rows, Size Length>
  constexpr auto operator()(const auto& model, const nn::TokenBatch<Rows, Length>& text,
                            const Index<Rows>& labels) const {
    return text.mean(cross_entropy_rows(model.head(model(text)), labels));
  }
  template <Size Length>
  constexpr auto operator()(const auto& model, const Index<1, Length>& ids, const Index<1>& label) const {
    return mean(cross_entropy_rows(model.head(model(ids)), label));
  }
};

/// A class for every token.
struct TagLoss {
  template <Size Rows, Size Length>
  constexpr auto operator()(const auto& model, const nn::TokenBatch<Rows, Length>& text,
                            const nn::TokenBatch<Rows, Length>& tags) const {
    return cross_entropy(model.head(model.each(text)), tags.ids, text.token_weights());
  }
  template <Size Length>
  constexpr auto operator()(const auto& model, const Index<1, Length>& ids,
                            const Index<1, Length>& tags) const {
    return mean(cross_entropy_rows(model.head(model.each(ids)), tags));
  }
};

/// So many ids below `limit`.
inline Sentence random_sentence(std::size_t tokens, std::uint32_t limit, Random& random) {
  Sentence sentence(tokens);
  for (auto& id : sentence) id = static_cast<std::int32_t>(random.below(limit));
  return sentence;
}

/// Sentences of these lengths.
inline Sentences random_sentences(const std::vector<std::size_t>& lengths, std::uint32_t limit,
                                  Random& random) {
  Sentences sentences;
  for (const std::size_t tokens : lengths) sentences.push_back(random_sentence(tokens, limit, random));
  return sentences;
}

/// A sentence as a Program takes it.
inline xt::xtensor<std::int32_t, 2> as_array(const Sentence& sentence) {
  xt::xtensor<std::int32_t, 2> array(std::array<std::size_t, 2>{1, sentence.size()});
  std::ranges::copy(sentence, array.begin());
  return array;
}

/// `F`'s programs of single sentences of some lengths, without padding.
template <auto F, class Model, Size... Lengths>
class SingleLengths {
 public:
  /// visit(program) for that of a length.
  template <class Visit>
  void at(std::size_t length, const Visit& visit) {
    bool found = false;
    const auto look = [&](auto& program, Size tokens) {
      if (static_cast<std::size_t>(tokens) != length) return;
      found = true;
      visit(program);
    };
    std::apply([&](auto&... program) { (look(program, Lengths), ...); }, programs_);
    REQUIRE(found);
  }

 private:
  template <Size Length>
  using Of = Program<F, Model, Index<1, Length>>;
  std::tuple<Of<Lengths>...> programs_;
};

/// The largest difference of two lists of numbers, inf where they are not as many.
template <class A, class B>
double largest_difference(const A& a, const B& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  auto other = b.begin();
  for (const auto number : a)
    largest = std::max(largest, std::abs(static_cast<double>(number) - static_cast<double>(*other++)));
  return largest;
}

}  // namespace ctgrad::test
