#pragma once

#include "attention_of_transformer.hpp"
#include "translation_task.hpp"
#include "written.hpp"

#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/summary.hpp>
#include <ctgrad/report/report.hpp>

/// A text, what a model made of it, and what would have been right.
struct Translation {
  TextPair pair;
  std::string prediction;

  bool right() const { return prediction == pair.target; }
};

/// The share of translations without a mistake.
inline double accuracy_of(std::span<const Translation> translations) {
  const auto right = std::ranges::count_if(translations, &Translation::right);
  return static_cast<double>(right) / static_cast<double>(translations.size());
}

/// What reports show of a model that translates.
namespace translation {

/// The names of the arrays that a program takes.
template <class Scalar, auto Function, class... Arguments>
std::vector<std::string> inputs_of(const ctgrad::BasicProgram<Scalar, Function, Arguments...>&) {
  return ctgrad::input_names<Arguments...>();
}

/// The first translations as samples, those with mistakes before others.
inline std::vector<ctgrad::report::Sample> samples_of(std::vector<Translation> translations,
                                                      std::size_t count) {
  std::ranges::stable_partition(translations, [](const Translation& each) { return !each.right(); });
  translations.resize(std::min(count, translations.size()));
  std::vector<ctgrad::report::Sample> samples;
  for (const auto& [pair, prediction] : translations)
    samples.push_back({letters(pair.source), letters(prediction), letters(pair.target)});
  return samples;
}

/// How every head of every layer looks at the characters of one translation.
template <class Model>
void add_attention(ctgrad::report::Report& page, const TranslationTask& task,
                   const ctgrad::Parameters<Model>& parameters, const Translation& translation) {
  using namespace ctgrad;
  constexpr nn::TransformerShape shape = Model::sizes;
  using Source = Index<1, shape.source_length>;
  using Target = Index<1, shape.target_length>;
  const auto source = task.source.encode(translation.pair.source, shape.source_length);
  const Written target = written_of(task.target, translation.prediction, shape.target_length);
  xt::xtensor<std::int32_t, 2> source_ids =
      xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{shape.source_length}});
  xt::xtensor<std::int32_t, 2> target_ids =
      xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{shape.target_length}});
  std::ranges::copy(source, source_ids.begin());
  std::ranges::copy(target.inputs, target_ids.begin());
  const xt::xtensor<std::int32_t, 1> lengths{static_cast<std::int32_t>(source.size())};

  Program<attention_of_transformer, Model, Source, Index<1>, Target> program;
  const auto [reading, writing, across] = program(parameters, source_ids, lengths, target_ids);
  const std::vector<std::string> read = letters(translation.pair.source);
  const auto add = [&](const char* part, const auto& layers, const auto& rows, const auto& columns) {
    for (std::size_t i = 0; i < layers.size(); ++i)
      report::add_attention(page, std::string(part) + ", layer " + std::to_string(i + 1), layers[i], 0, rows,
                            columns);
  };
  page.paragraph("The translation of '" + translation.pair.source +
                 "'. In the rows of the decoder stands the character that is written there.");
  add("Decoder over the source", across, target.written, read);
  add("Encoder", reading, read, read);
  add("Decoder over what it wrote", writing, target.written, target.before);
}

}  // namespace translation
