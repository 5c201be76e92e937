// Trains a decoder-only Transformer to write a text by the character, and holds it against a trigram model.
// How texts are read and cut is in support/text.hpp and text_windows.hpp; the command line, files and the
// report in support/character_model.hpp, character_training.hpp and character_report.hpp.
#include <ctgrad/generate.hpp>
#include <ctgrad/train.hpp>

#include "support/character_report.hpp"
#include "support/character_training.hpp"
#include "support/job/job.hpp"
#include "support/mean_loss.hpp"
#include "support/n_gram.hpp"
#include "support/text_windows.hpp"
#include "support/write_texts.hpp"

#include <cstdio>
#include <optional>

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
using Step = cg::ShardedProgram<8, cg::value_and_grad(loss), Model, Ids, Ids, cg::Key>;
using Score = cg::Program<weighted_loss, Model, Ids, Ids, cg::Tensor<batch, length>>;

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

/// Trains a model, at all ranks, and keeps the parameters that are best on the validation part.
Trained<Model> train(const Options& options, const Corpus& corpus, Score& score,
                     const cg::StopOnSignals& stop, const cg::Ranks& ranks) {
  const cg::Seed seed{options.seed};
  cg::Parameters<Model> parameters{seed};
  cg::AdamW adam{parameters, {.learning_rate = options.learning_rate, .beta2 = 0.99, .weight_decay = 0.1}};
  const cg::schedule::Cosine rate{{.peak = options.learning_rate,
                                   .steps = options.steps,
                                   .warmup = options.steps / 12,
                                   .floor = options.learning_rate / 20}};
  RandomWindows windows{
      corpus.ids(), corpus.stretches({Part::fitting}), {.length = length, .batch = batch}, seed};
  Step step{program::team_of_job(), ranks, cg::RankGradients::sliced};
  adam.set_team(step.team());
  adam.set_ranks(ranks);
  Trained<Model> best{seed};
  MeanLoss losses;
  std::printf("%zu parameters, %zu kernel calls a step, %lld bytes of activations\n", parameters.count(),
              Step::kernel_calls(), static_cast<long long>(Step::arena_bytes()));
  const cg::LoopResult loop = cg::run_training(
      {.steps = options.steps, .report_every = options.report_every, .ranks = ranks}, windows,
      [&](const WindowBatch& examples) {  // a step: its rate, the loss and its gradients, an update
        adam.set_learning_rate(rate(adam.steps() + 1));
        const auto result =
            step(parameters, examples.ids, examples.targets, cg::random_key(seed, adam.steps()));
        adam.update(parameters, result, cg::MaxNorm{1});
        return losses.add(result.value);
      },
      [&](const cg::LoopReport& report) {
        best.report(report.step, parameters, losses.take(),
                    loss_on(corpus, Part::validation, score, parameters).mean);
        return std::nan("");
      },
      cg::NothingMore{}, stop);
  cg::share_signal(ranks, stop);
  best.end(loop, parameters);
  return best;
}

cg::generate::SampleOptions sampling(const Options& options) {
  return {.temperature = options.temperature, .top_k = static_cast<std::int64_t>(options.top_k)};
}

/// Lets the model go on from the prompt: every character is drawn from what it predicts after those before.
cg::generate::Sequences sample_texts(const Options& options, const cg::Parameters<Model>& parameters,
                                     const cg::generate::Sequence& prompt) {
  cg::generate::DecoderOnly<Model, samples> decoder;
  decoder.start(parameters);
  return write_texts(decoder, prompt, options.length, sampling(options), cg::Seed{options.seed});
}

/// What the model and n-grams that counted the same text make of characters that none of them saw.
Figures compare(const Corpus& corpus, Score& score, const cg::Parameters<Model>& parameters) {
  const auto training = thinned(corpus.stretches({Part::fitting, Part::validation}), most_counted);
  const auto held_out = scored(corpus, Part::held_out);
  const auto counted = [&](int order) {
    return NGram(order, corpus.vocabulary().size(), corpus.ids(), training).loss(corpus.ids(), held_out);
  };
  return {loss_on(corpus, Part::held_out, score, parameters), counted(2), counted(3), counted(5)};
}

int run(Options options, const cg::Ranks& ranks) {
  if (!ranks.is_first()) options.files.write_nothing();
  const Corpus corpus = read_corpus(options, ranks);
  const cg::generate::Sequence prompt = prompt_of(options, corpus, length / 2);
  // Refuses files and options out of range before training, not after.
  ranks.together([&] { options.files.check({{"--text", options.text}}); });
  const cg::generate::Sampler refusing(vocabulary, sampling(options), cg::Seed{options.seed});
  Score score;
  std::optional<cg::StopOnSignals> stop;  // until the model is saved
  if (options.files.load.empty()) stop.emplace();
  const Trained<Model> trained =
      stop ? train(options, corpus, score, *stop, ranks) : load<Model>(options, corpus);
  FinalWrite saved([&] { save(options, corpus, trained.parameters); });
  saved.attempt();
  if (stop) saved.end_training(*stop, options.files.stopped(stop->name(), trained.steps, options.steps));
  stop.reset();
  if (!ranks.is_first()) return 0;

  const auto texts = sample_texts(options, trained.parameters, prompt);
  for (const auto& text : texts) std::printf("\n%s\n", printable(corpus.vocabulary().decode(text)).c_str());
  const Figures figures = compare(corpus, score, trained.parameters);
  print(options, trained, figures);
  if (!options.files.report.empty())
    write_report<Step>(options, corpus, trained, figures, texts,
                       cg::summary<weighted_loss, Model, Ids, Ids, cg::Tensor<batch, length>>());
  saved.require();
  return figures.learned() || options.allow_unlearned ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run_job("06_character_model", argc, argv, [&](const cg::Ranks& ranks) {
    Options options;
    CommandLine line("06_character_model", "Trains a Transformer decoder to write a text by the character.");
    options.add_to(line);
    return line.parse(argc, argv) ? run(options, ranks) : line.exit_code();
  });
}
