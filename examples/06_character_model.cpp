// Trains a decoder-only Transformer to write a text by the character, and holds it against a trigram model.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/io/parameters.hpp>
#include <ctgrad/report/report.hpp>
#include <ctgrad/runtime/summary.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/schedule.hpp>

#include "support/command_line.hpp"
#include "support/n_gram.hpp"
#include "support/text_windows.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

namespace cg = ctgrad;

namespace {

constexpr cg::Size kinds = 128, length = 64, batch = 16, heads = 4;
constexpr std::size_t layers = 2;

/// What a window's last characters are predicted from is at least length - fresh + 1 characters.
constexpr std::size_t fresh = 16;

using Model =
    cg::nn::LanguageModel<cg::nn::SequenceModelShape{.kinds = kinds,
                                                     .length = length,
                                                     .width = 64,
                                                     .heads = heads,
                                                     .hidden = 256,
                                                     .layers = layers,
                                                     .options = {.activation = cg::nn::Activation::gelu,
                                                                 .dropout = cg::Rate{0.2},
                                                                 .norm = cg::nn::NormPlacement::pre}}>;

constexpr auto loss = [](const auto& model, auto ids, auto targets, auto key) {
  return cg::cross_entropy(model(ids, key), targets);
};
constexpr auto weighted_loss = [](const auto& model, auto ids, auto targets, auto weights) {
  return cg::cross_entropy(model(ids), targets, weights);
};
/// The attention weights of every layer.
constexpr auto look = [](const auto& model, auto ids) {
  auto x = model.positions(model.tokens(ids));
  const auto mask = cg::nn::causal_mask(x);
  std::array<cg::Tensor<1, heads, length, length>, layers> weights;
  for (std::size_t i = 0; i < layers; ++i) {
    const auto& layer = model.layers.layers[i];
    const auto y = layer.attention_norm(x);
    weights[i] = layer.attention.weights(y, y, mask);
    x = layer(x, mask);
  }
  return weights;
};

using Ids = cg::Index<batch, length>;
using Step = cg::Program<cg::value_and_grad(loss), Model, Ids, Ids, cg::Key>;
using Score = cg::Program<weighted_loss, Model, Ids, Ids, cg::Tensor<batch, length>>;

struct Options {
  std::string text = "/usr/share/common-licenses/GPL-3";
  std::size_t steps = 2500;
  std::uint64_t seed = 1;
  double learning_rate = 3e-3;
  std::string save, load, report;
  bool allow_unlearned = false;
};

/// A model, and how training came to it.
struct Trained {
  explicit Trained(cg::Seed seed) : parameters(seed) {}

  cg::Parameters<Model> parameters;  ///< those of the lowest validation loss
  double validation_loss = std::numeric_limits<double>::infinity();
  std::size_t step = 0;  ///< at which they were that
  double seconds = 0;
  cg::report::Curve training{"training, with dropout"}, validation{"validation"};
};

/// The loss on all characters of a part.
TextLoss loss_on(const Corpus& corpus, Part part, Score& program, const cg::Parameters<Model>& parameters) {
  return window_loss(corpus.ids(), corpus.stretches({part}), {.length = length, .batch = batch}, fresh,
                     [&](const WindowBatch& windows) {
                       return program(parameters, windows.ids, windows.targets, windows.weights);
                     });
}

/// Holds the model against the validation part and keeps it if it is the best so far.
void validate(Trained& best, const Corpus& corpus, Score& program, const cg::Parameters<Model>& parameters,
              const cg::LoopReport& report, double training_loss) {
  const double loss = loss_on(corpus, Part::validation, program, parameters).mean;
  if (loss < best.validation_loss) {
    best.parameters = parameters;
    best.validation_loss = loss;
    best.step = report.step;
  }
  best.training.add(static_cast<double>(report.step), training_loss);
  best.validation.add(static_cast<double>(report.step), loss);
  std::printf("step %5zu  training loss %.9f  validation loss %.9f%s\n", report.step, training_loss, loss,
              best.step == report.step ? "  best" : "");
  std::fflush(stdout);
}

Trained train(const Options& options, const Corpus& corpus, Score& score) {
  const cg::Seed seed{options.seed};
  cg::Parameters<Model> parameters{seed};
  cg::AdamW adam{parameters, {.beta2 = 0.99, .weight_decay = 0.1}};
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
              Step::steps(), static_cast<long long>(Step::arena_bytes()));
  best.seconds = cg::run_training(
                     {.steps = options.steps, .report_every = 100}, windows,
                     [&](const WindowBatch& examples) {
                       adam.set_learning_rate(rate(adam.steps() + 1));
                       const auto result = step(parameters, examples.ids, examples.targets,
                                                cg::random_key(seed, adam.steps()));
                       adam.update(parameters, result, cg::MaxNorm{1});
                       sum += static_cast<double>(result.value), ++count;
                       return static_cast<double>(result.value);
                     },
                     [&](const cg::LoopReport& report) {
                       validate(best, corpus, score, parameters, report, sum / static_cast<double>(count));
                       sum = 0, count = 0;
                       return std::nan("");
                     })
                     .seconds;
  return best;
}

/// The parameters of a file that an earlier run saved; its model reads characters as this corpus' ids.
Trained load(const Options& options, const Corpus& corpus) {
  const cg::io::Safetensors file = cg::io::read_safetensors(options.load);
  const auto characters = file.metadata().find("characters");
  if (characters == file.metadata().end() || characters->second != corpus.vocabulary().all()) {
    throw std::runtime_error(options.load + ": characters: expected those of " + options.text + ", got " +
                             (characters == file.metadata().end() ? "none" : "others"));
  }
  Trained trained{cg::Seed{options.seed}};
  cg::io::load_parameters(file, trained.parameters);
  return trained;
}

Corpus read_corpus(const Options& options) {
  if (!std::filesystem::exists(options.text)) {
    throw std::runtime_error(options.text + (options.text == Options{}.text
                                                 ? " is not there; Debian's package base-files brings it"
                                                 : " is not there"));
  }
  Corpus corpus(read_text(options.text), kinds);
  std::printf("%s: %zu characters, %d kinds of them: %zu to learn from, %zu for validation, %zu held out\n",
              options.text.c_str(), corpus.ids().size(), corpus.vocabulary().kinds(),
              count(corpus.stretches({Part::fitting})), count(corpus.stretches({Part::validation})),
              count(corpus.stretches({Part::held_out})));
  return corpus;
}

int run(const Options& options) {
  const Corpus corpus = read_corpus(options);
  Score score;
  const Trained trained = options.load.empty() ? train(options, corpus, score) : load(options, corpus);
  if (!options.save.empty()) {
    cg::io::save_parameters(options.save, trained.parameters, {{"characters", corpus.vocabulary().all()}});
  }
  const std::vector<Stretch> training = corpus.stretches({Part::fitting, Part::validation}),
                             held_out = corpus.stretches({Part::held_out});
  const TextLoss network = loss_on(corpus, Part::held_out, score, trained.parameters);
  double bar = 0;
  for (const int order : {2, 3, 5}) {
    const TextLoss counted =
        NGram(order, corpus.vocabulary().kinds(), corpus.ids(), training).loss(corpus.ids(), held_out);
    if (order == 3) bar = counted.mean;
    std::printf("%d-gram  %.4f nats a character\n", order, counted.mean);
  }
  const bool learned = network.mean < bar;
  std::printf(
      "\n%s: %.4f nats a character on %zu held-out ones (bar: a trigram's %.4f), %zu steps in %.1f s, seed "
      "%llu: %s\n",
      std::filesystem::path(options.text).filename().c_str(), network.mean, network.characters, bar,
      options.load.empty() ? options.steps : 0, trained.seconds,
      static_cast<unsigned long long>(options.seed), learned ? "learned" : "NOT LEARNED");
  return learned || options.allow_unlearned ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CommandLine line("06_character_model", "Trains a Transformer decoder to write a text by the character.");
  line.add("--text", options.text, "a file of UTF-8")
      .add_count("--steps", options.steps, "training steps of 16 windows of 64 characters")
      .add("--seed", options.seed, "what parameters, windows, dropout and samples follow from")
      .add("--learning-rate", options.learning_rate, "AdamW's, after the warm-up")
      .add("--save", options.save, "a safetensors file for the model")
      .add("--load", options.load, "a model that was saved, in place of training one")
      .add_flag("--allow-unlearned", options.allow_unlearned, "succeed whatever was learned");
  if (!line.parse(argc, argv)) return line.exit_code();
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "06_character_model: %s\n", error.what());
    return 2;
  }
}
