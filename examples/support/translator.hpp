#pragma once

#include "translation_task.hpp"

#include <ctgrad/ctgrad.hpp>
#include <ctgrad/generate/encoder_decoder.hpp>
#include <ctgrad/generate/greedy.hpp>

/// A text, what a model made of it, and what would have been right.
struct Translation {
  TextPair pair;
  std::string prediction;

  bool right() const { return prediction == pair.target; }
};

/// Translates with an nn::Transformer, the likeliest character after the other, Batch texts side by side.
template <class Model, ctgrad::Size Batch>
class Translator {
 public:
  explicit Translator(const TranslationTask& task) : task_(task) {}

  /// What the model makes of each text. Throws as Alphabet::encode does.
  std::vector<std::string> translate(const ctgrad::Parameters<Model>& parameters,
                                     std::span<const std::string> texts) {
    std::vector<std::string> translated;
    for (std::size_t begin = 0; begin < texts.size(); begin += Decoder::batch) {
      ctgrad::generate::Sequences sources;
      for (const std::string& text : texts.subspan(begin, std::min(Decoder::batch, texts.size() - begin)))
        sources.push_back(encode(text));
      decoder_.start(parameters, sources);
      for (const auto& ids : ctgrad::generate::greedy(decoder_, Alphabet::start, {.end = Alphabet::end}))
        translated.push_back(task_.target.decode(ids));
    }
    return translated;
  }

  /// The first `count` examples that training never shows, translated.
  std::vector<Translation> translate_unseen(const ctgrad::Parameters<Model>& parameters, ctgrad::Seed seed,
                                            std::size_t count) {
    std::vector<Translation> translations(count);
    std::vector<std::string> texts;
    for (std::size_t n = 0; n < count; ++n) {
      translations[n].pair = task_.draw(seed, Split::unseen, n);
      texts.push_back(translations[n].pair.source);
    }
    const std::vector<std::string> translated = translate(parameters, texts);
    for (std::size_t n = 0; n < count; ++n) translations[n].prediction = translated[n];
    return translations;
  }

  std::vector<std::int32_t> encode(const std::string& text) const {
    return task_.source.encode(text, static_cast<std::size_t>(Decoder::source_length));
  }

 private:
  using Decoder = ctgrad::generate::EncoderDecoder<Model, Batch>;

  TranslationTask task_;
  Decoder decoder_;
};

/// The share of translations without a mistake.
inline double accuracy_of(std::span<const Translation> translations) {
  const auto right = std::ranges::count_if(translations, &Translation::right);
  return static_cast<double>(right) / static_cast<double>(translations.size());
}
