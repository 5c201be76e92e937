// Trains a decoder-only Transformer to write a text by the character, and holds it against a trigram model.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/generate/decoder_only.hpp>
#include <ctgrad/generate/sample.hpp>
#include <ctgrad/inspect/summary.hpp>
#include <ctgrad/io/parameters.hpp>
#include <ctgrad/report/report.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/schedule.hpp>
#include <ctgrad/train/stop_signal.hpp>

#include "support/attention_of_language_model.hpp"
#include "support/character_model.hpp"
#include "support/n_gram.hpp"
#include "support/program.hpp"
#include "support/text_windows.hpp"
#include "support/write_texts.hpp"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

namespace cg = ctgrad;

namespace {

using namespace character_model;

constexpr cg::Size length = 64, batch = 8, samples = 3;

/// What a window's last characters are predicted from is at least length - fresh + 1 characters.
constexpr std::size_t fresh = 16;

/// Of longer texts, losses are those on blocks from all over a part, and n-grams are counted in blocks from
/// all over the training part, with no more characters than these.
constexpr std::size_t most_scored = 50000, most_counted = 8000000;

using Model =
    cg::nn::LanguageModel<cg::nn::SequenceModelShape{.vocabulary = vocabulary,
                                                     .length = length,
                                                     .width = 64,
                                                     .heads = 4,
                                                     .hidden = 256,
                                                     .layers = 2,
                                                     .positions = cg::nn::Positions::sinusoidal,
                                                     .options = {.activation = cg::nn::Activation::gelu,
                                                                 .dropout = cg::Rate{0.15},
                                                                 .norm = cg::nn::NormPlacement::pre}}>;

constexpr auto loss = [](const auto& model, auto ids, auto targets, auto key) {
  return cg::cross_entropy(model(ids, key), targets);
};
constexpr auto weighted_loss = [](const auto& model, auto ids, auto targets, auto weights) {
  return cg::cross_entropy(model(ids), targets, weights);
};

using Ids = cg::Index<batch, length>;
using Step = cg::Program<cg::value_and_grad(loss), Model, Ids, Ids, cg::Key>;
using Score = cg::Program<weighted_loss, Model, Ids, Ids, cg::Tensor<batch, length>>;

/// A model, and how training came to it.
struct Trained {
  explicit Trained(cg::Seed seed) : parameters(seed) {}

  cg::Parameters<Model> parameters;  ///< those of the lowest validation loss
  double validation_loss = std::numeric_limits<double>::infinity();
  std::size_t step = 0;   ///< at which they were that
  std::size_t steps = 0;  ///< done
  double seconds = 0;
  cg::report::Curve training{"training, with dropout"}, validation{"validation"};
};

/// What losses on a part are those on.
std::vector<Stretch> scored(const Corpus& corpus, Part part) {
  return thinned(corpus.stretches({part}), most_scored);
}

/// The loss on a part.
TextLoss loss_on(const Corpus& corpus, Part part, Score& program, const cg::Parameters<Model>& parameters) {
  return window_loss(corpus.ids(), scored(corpus, part), {.length = length, .batch = batch}, fresh,
                     [&](const WindowBatch& windows) {
                       return program(parameters, windows.ids, windows.targets, windows.weights);
                     });
}

/// Holds the model against the validation part and keeps it if it is the best so far.
void validate(Trained& best, const Corpus& corpus, Score& program, const cg::Parameters<Model>& parameters,
              const cg::LoopReport& report, double training_loss) {
  const double validation_loss = loss_on(corpus, Part::validation, program, parameters).mean;
  if (validation_loss < best.validation_loss) {
    best.parameters = parameters;
    best.validation_loss = validation_loss;
    best.step = report.step;
  }
  best.training.add(static_cast<double>(report.step), training_loss);
  best.validation.add(static_cast<double>(report.step), validation_loss);
  std::printf("step %5zu  training loss %.9f  validation loss %.9f%s\n", report.step, training_loss,
              validation_loss, best.step == report.step ? "  best" : "");
  program::flush_output();
}

Trained train(const Options& options, const Corpus& corpus, Score& score, const cg::StopOnSignals& stop) {
  const cg::Seed seed{options.seed};
  cg::Parameters<Model> parameters{seed};
  cg::AdamW adam{parameters, {.learning_rate = options.learning_rate, .beta2 = 0.99, .weight_decay = 0.1}};
  const cg::schedule::Cosine rate{{.peak = options.learning_rate,
                                   .steps = options.steps,
                                   .warmup = options.steps / 12,
                                   .floor = options.learning_rate / 20}};
  RandomWindows windows{
      corpus.ids(), corpus.stretches({Part::fitting}), {.length = length, .batch = batch}, seed};
  Step step;
  Trained best{seed};
  double sum = 0;  // of losses since the last report
  std::size_t count = 0;
  std::printf("%zu parameters, %zu kernel calls a step, %lld bytes of activations\n", parameters.count(),
              Step::kernel_calls(), static_cast<long long>(Step::arena_bytes()));
  const cg::LoopResult loop = cg::run_training(
      {.steps = options.steps, .report_every = options.report_every}, windows,
      [&](const WindowBatch& examples) {
        adam.set_learning_rate(rate(adam.steps() + 1));
        const auto result =
            step(parameters, examples.ids, examples.targets, cg::random_key(seed, adam.steps()));
        adam.update(parameters, result, cg::MaxNorm{1});
        sum += static_cast<double>(result.value), ++count;
        return static_cast<double>(result.value);
      },
      [&](const cg::LoopReport& report) {
        validate(best, corpus, score, parameters, report, sum / static_cast<double>(count));
        sum = 0, count = 0;
        return std::nan("");
      },
      cg::NothingMore{}, stop);
  best.steps = loop.steps;
  best.seconds = loop.seconds;
  if (best.step == 0) best.parameters = parameters;  // stopped before the first report
  return best;
}

/// The parameters of a file that an earlier run saved; its model reads characters as this corpus' ids.
Trained load(const Options& options, const Corpus& corpus) {
  const cg::io::Safetensors file = cg::io::read_safetensors(options.files.load);
  const auto characters = file.metadata().find("characters");
  if (characters == file.metadata().end() || characters->second != corpus.vocabulary().all()) {
    throw std::runtime_error(file.file() + ": characters: expected those of " + cg::io::shown(options.text) +
                             ", got " + (characters == file.metadata().end() ? "none" : "others"));
  }
  Trained trained{cg::Seed{options.seed}};
  cg::io::load_parameters(file, trained.parameters);
  return trained;
}

/// The loss of everything that predicts, on all held-out characters.
struct Figures {
  TextLoss network, bigram, trigram, five_gram;
};

Figures compare(const Corpus& corpus, Score& score, const cg::Parameters<Model>& parameters) {
  const auto training = thinned(corpus.stretches({Part::fitting, Part::validation}), most_counted);
  const auto held_out = scored(corpus, Part::held_out);
  const auto counted = [&](int order) {
    return NGram(order, corpus.vocabulary().size(), corpus.ids(), training).loss(corpus.ids(), held_out);
  };
  return {loss_on(corpus, Part::held_out, score, parameters), counted(2), counted(3), counted(5)};
}

cg::generate::SampleOptions sampling(const Options& options) {
  return {.temperature = options.temperature, .top_k = static_cast<std::int64_t>(options.top_k)};
}

cg::generate::Sequences sample_texts(const Options& options, const cg::Parameters<Model>& parameters,
                                     const cg::generate::Sequence& prompt) {
  cg::generate::DecoderOnly<Model, samples> decoder;
  decoder.start(parameters);
  return write_texts(decoder, prompt, options.length, sampling(options), cg::Seed{options.seed});
}

void add_attention(cg::report::Report& page, const Corpus& corpus, const cg::Parameters<Model>& parameters) {
  cg::Program<attention_of_language_model, Model, cg::Index<1, length>> program;
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{length}});
  std::ranges::copy(unseen_text(corpus, length), ids.begin());
  std::vector<std::string> characters;
  for (const std::int32_t id : unseen_text(corpus, length / 2))
    characters.push_back(corpus.vocabulary().decode(std::span(&id, 1)));
  const auto weights = program(parameters, ids);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    cg::report::add_attention(page, "Layer " + std::to_string(i + 1), weights[i], 0, characters, characters);
  }
}

void write_report(const Options& options, const Corpus& corpus, const Trained& trained,
                  const Figures& figures, const cg::generate::Sequences& texts) {
  namespace report = cg::report;
  report::Report page("Characters of " + std::filesystem::path(options.text).filename().string());
  page.section("Model");
  report::add_summary(page, cg::summary<weighted_loss, Model, Ids, Ids, cg::Tensor<batch, length>>());
  if (options.files.load.empty()) {
    page.section("Training");
    page.figure(report::line_chart({trained.training, trained.validation}, {.y_label = "nats a character"}),
                "The mean loss of the batches since the report before, and that on characters of the "
                "validation part. The parameters of the lowest one are kept, those of step " +
                    std::to_string(trained.step) + ".");
  }
  page.section("On held-out text");
  report::Table table{{"model", "nats a character"}, {false, true}, {}};
  const auto add = [&](const char* name, const TextLoss& its) {
    table.rows.push_back({{name, cg::decimal(its.mean, 4)}, 0, ""});
  };
  add("network", figures.network);
  add("trigram", figures.trigram);
  add("bigram", figures.bigram);
  add("5-gram", figures.five_gram);
  page.table(table, "The same " + std::to_string(figures.network.characters) + " characters for all.");
  page.section("What it writes");
  for (const auto& text : texts)
    page.add(report::element("pre", {{"style", "white-space: pre-wrap"}},
                             report::text_of(corpus.vocabulary().decode(text))));
  page.section("Attention");
  add_attention(page, corpus, trained.parameters);
  page.section("What is run in a training step");
  report::add_graphs(page, Step::Trace::traced(), Step::graph().thaw(),
                     cg::input_names<Model, Ids, Ids, cg::Key>());
  page.write(options.files.report);
}

int run(const Options& options) {
  const Corpus corpus = read_corpus(options);
  const cg::generate::Sequence prompt = prompt_of(options, corpus, length / 2);
  // Refuses files and options out of range before training, not after.
  options.files.check({{"--text", options.text}});
  const cg::generate::Sampler refusing(vocabulary, sampling(options), cg::Seed{options.seed});
  Score score;
  std::optional<cg::StopOnSignals> stop;  // until the model is saved
  if (options.files.load.empty()) stop.emplace();
  const Trained trained = stop ? train(options, corpus, score, *stop) : load(options, corpus);
  FinalWrite saved([&] {
    if (options.files.save.empty()) return;
    cg::io::save_parameters(options.files.save, trained.parameters,
                            {{"characters", corpus.vocabulary().all()}});
  });
  saved.attempt();
  if (stop) saved.end_training(*stop, options.files.stopped(stop->name(), trained.steps, options.steps));
  stop.reset();
  const auto texts = sample_texts(options, trained.parameters, prompt);
  for (const auto& text : texts) std::printf("\n%s\n", printable(corpus.vocabulary().decode(text)).c_str());
  const Figures figures = compare(corpus, score, trained.parameters);
  const bool learned = figures.network.mean < figures.trigram.mean;
  std::printf("\nnats a held-out character: bigram %.4f, trigram %.4f, 5-gram %.4f, network %.4f\n",
              figures.bigram.mean, figures.trigram.mean, figures.five_gram.mean, figures.network.mean);
  std::printf(
      "%s: %.4f nats a character of %zu held out (bar: a trigram's %.4f), %zu steps in %.1f s, seed %llu: "
      "%s\n",
      cg::io::shown(std::filesystem::path(options.text).filename().native()).c_str(), figures.network.mean,
      figures.network.characters, figures.trigram.mean, trained.steps, trained.seconds,
      static_cast<unsigned long long>(options.seed), learned ? "learned" : "NOT LEARNED");
  if (!options.files.report.empty()) write_report(options, corpus, trained, figures, texts);
  saved.require();
  return learned || options.allow_unlearned ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("06_character_model", [&] {
    Options options;
    CommandLine line("06_character_model", "Trains a Transformer decoder to write a text by the character.");
    options.add_to(line);
    return line.parse(argc, argv) ? run(options) : line.exit_code();
  });
}
