#pragma once

#include "attention_of_language_model.hpp"
#include "character_training.hpp"

#include <ctgrad/ctgrad.hpp>
#include <ctgrad/generate/sequences.hpp>
#include <ctgrad/inspect/summary.hpp>
#include <ctgrad/report/report.hpp>

#include <filesystem>

namespace character_model {

/// The loss of everything that predicts, on all held-out characters.
struct Figures {
  TextLoss network, bigram, trigram, five_gram;

  bool learned() const { return network.mean < trigram.mean; }
};

inline std::string name_of(const Options& options) {
  return std::filesystem::path(options.text).filename().string();
}

/// Prints how well the model predicts, and the verdict.
template <class Model>
void print(const Options& options, const Trained<Model>& trained, const Figures& figures) {
  std::printf("\nnats a held-out character: bigram %.4f, trigram %.4f, 5-gram %.4f, network %.4f\n",
              figures.bigram.mean, figures.trigram.mean, figures.five_gram.mean, figures.network.mean);
  std::printf(
      "%s: %.4f nats a character of %zu held out (bar: a trigram's %.4f), %zu steps in %.1f s, seed %llu: "
      "%s\n",
      ctgrad::io::shown(name_of(options)).c_str(), figures.network.mean, figures.network.characters,
      figures.trigram.mean, trained.steps, trained.seconds, static_cast<unsigned long long>(options.seed),
      figures.learned() ? "learned" : "NOT LEARNED");
}

/// How every head of every layer looks at the first held-out characters.
template <class Model>
void add_attention(ctgrad::report::Report& page, const Corpus& corpus,
                   const ctgrad::Parameters<Model>& parameters) {
  constexpr ctgrad::Size length = Model::sizes.length;
  ctgrad::Program<attention_of_language_model, Model, ctgrad::Index<1, length>> program;
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{length}});
  std::ranges::copy(unseen_text(corpus, length), ids.begin());
  std::vector<std::string> characters;
  for (const std::int32_t id : unseen_text(corpus, length / 2))
    characters.push_back(corpus.vocabulary().decode(std::span(&id, 1)));
  const auto weights = program(parameters, ids);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    ctgrad::report::add_attention(page, "Layer " + std::to_string(i + 1), weights[i], 0, characters,
                                  characters);
  }
}

inline void add_figures(ctgrad::report::Report& page, const Figures& figures) {
  ctgrad::report::Table table{{"model", "nats a character"}, {false, true}, {}};
  const auto add = [&](const char* name, const TextLoss& its) {
    table.rows.push_back({{name, ctgrad::decimal(its.mean, 4)}, 0, ""});
  };
  add("network", figures.network);
  add("trigram", figures.trigram);
  add("bigram", figures.bigram);
  add("5-gram", figures.five_gram);
  page.table(table, "The same " + std::to_string(figures.network.characters) + " characters for all.");
}

/// The names of the arrays that a program takes.
template <class Scalar, auto Function, class... Arguments>
std::vector<std::string> inputs_of(std::type_identity<ctgrad::BasicProgram<Scalar, Function, Arguments...>>) {
  return ctgrad::input_names<Arguments...>();
}

/// Writes the report: the model's summary, its training, its figures, what it wrote, its attention, and the
/// graph of `Step`, the program of a training step. Throws std::runtime_error if the file cannot be written.
template <class Step, class Model>
void write_report(const Options& options, const Corpus& corpus, const Trained<Model>& trained,
                  const Figures& figures, const ctgrad::generate::Sequences& texts,
                  const ctgrad::Summary& summary) {
  namespace report = ctgrad::report;
  report::Report page("Characters of " + name_of(options));
  page.section("Model");
  report::add_summary(page, summary);
  if (options.files.load.empty()) {
    page.section("Training");
    page.figure(report::line_chart({trained.training, trained.validation}, {.y_label = "nats a character"}),
                "The mean loss of the batches since the report before, and that on characters of the "
                "validation part. The parameters of the lowest one are kept, those of step " +
                    std::to_string(trained.step) + ".");
  }
  page.section("On held-out text");
  add_figures(page, figures);
  page.section("What it writes");
  for (const auto& text : texts)
    page.add(report::element("pre", {{"style", "white-space: pre-wrap"}},
                             report::text_of(corpus.vocabulary().decode(text))));
  page.section("Attention");
  add_attention(page, corpus, trained.parameters);
  page.section("What is run in a training step, for each of " + std::to_string(Step::shards()) + " shards");
  report::add_graphs(page, Step::Part::Trace::traced(), Step::graph().thaw(),
                     inputs_of(std::type_identity<typename Step::Part>{}));
  page.write(options.files.report);
}

}  // namespace character_model
