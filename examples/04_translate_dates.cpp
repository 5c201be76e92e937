// Trains a Transformer to translate dates, written in many ways, into the one of ISO 8601: an encoder reads
// characters, a decoder writes others. How dates are drawn is in support/dates.hpp; the command line, files
// and what is printed in support/translation.hpp.
#include <ctgrad/generate.hpp>
#include <ctgrad/train.hpp>

#include "support/dates.hpp"
#include "support/job/job.hpp"
#include "support/mean_loss.hpp"
#include "support/pair_batches.hpp"
#include "support/translation.hpp"

#include <optional>

namespace cg = ctgrad;

namespace {

constexpr Alphabet written{dates::source_characters}, iso{dates::target_characters};

constexpr cg::nn::TransformerShape shape{
    .source_vocabulary = written.vocabulary(),
    .source_length = 24,
    .target_vocabulary = iso.vocabulary(),
    .target_length = dates::target_length + 1,
    .width = 64,
    .heads = 4,
    .hidden = 128,
    .encoder_layers = 2,
    .decoder_layers = 2,
    .options = {.dropout = cg::Rate{0.1}, .norm = cg::nn::NormPlacement::pre}};
using Model = cg::nn::Transformer<shape>;

/// The mean over all characters of the targets and their ends, but not over what is behind them.
constexpr auto loss = [](const auto& model, auto source, auto lengths, auto inputs, auto targets,
                         auto target_lengths, const cg::Key& key) {
  return cg::cross_entropy(model(source, lengths, inputs, key), targets,
                           cg::nn::token_weights<shape.target_length>(target_lengths));
};

constexpr cg::Size batch = 64;
using Sources = cg::Index<batch, shape.source_length>;
using Targets = cg::Index<batch, shape.target_length>;
using Lengths = cg::Index<batch>;
using Step = cg::ShardedProgram<8, cg::value_and_grad(loss), Model, Sources, Lengths, Targets, Targets,
                                Lengths, cg::Key>;
using Decoder = cg::generate::EncoderDecoder<Model, batch>;

const TranslationTask task{.title = "Translating dates",
                           .what = "dates",
                           .source = written,
                           .target = iso,
                           .draw = dates::example,
                           .normalized = dates::normalized,
                           .unseen = 1000,
                           .batch = batch};

/// Trains the parameters, at all ranks of the step. `run` prints how that goes, and saves them.
void train(const TranslationOptions& options, cg::Parameters<Model>& parameters, Step& step, auto& run) {
  const cg::StopOnSignals stop;
  const cg::Seed seed{options.seed};
  cg::AdamW adam{parameters, {.learning_rate = options.learning_rate, .beta2 = 0.98}};
  adam.set_team(step.team());
  adam.set_ranks(step.ranks());
  const cg::schedule::Cosine rate{
      {.peak = options.learning_rate, .steps = options.steps, .warmup = options.steps / 20}};
  PairBatches batches(dates::example, written, iso, {batch, shape.source_length, shape.target_length}, seed);
  MeanLoss losses;
  run.introduce();
  const cg::LoopResult loop = cg::run_training(
      {.steps = options.steps, .report_every = options.report_every, .ranks = step.ranks()}, batches,
      [&](const PairBatch& pairs) {  // a step: its rate, the loss and its gradients, an update
        adam.set_learning_rate(rate(adam.steps() + 1));
        const auto result = step(parameters, pairs.source, pairs.lengths, pairs.inputs, pairs.targets,
                                 pairs.target_lengths, cg::random_key(seed, adam.steps()));
        adam.update(parameters, result, cg::MaxNorm{1});
        return losses.add(result.value);
      },
      [&](const cg::LoopReport& report) { return run.report(report.step, losses.take()); }, cg::NothingMore{},
      stop);
  cg::share_signal(step.ranks(), stop);
  run.end_training(loop, stop);
}

/// What the model makes of up to `batch` dates, which are written side by side: always the likeliest
/// character.
std::vector<std::string> translate(Decoder& decoder, const cg::Parameters<Model>& parameters,
                                   std::span<const std::string> texts) {
  cg::generate::Sequences sources;
  for (const std::string& text : texts) sources.push_back(written.encode(text, shape.source_length));
  decoder.start(parameters, sources);
  std::vector<std::string> translated;
  for (const auto& ids : cg::generate::greedy(decoder, Alphabet::start, {.end = Alphabet::end}))
    translated.push_back(iso.decode(ids));
  return translated;
}

int train_or_load(TranslationOptions options, const cg::Ranks& ranks) {
  if (!ranks.is_first()) options.files.write_nothing();
  cg::Parameters<Model> parameters{cg::Seed{options.seed}};
  Step step{program::team_of_job(), ranks, cg::RankGradients::sliced};
  Decoder decoder;
  const auto translated = [&](std::span<const std::string> texts) {
    return translate(decoder, parameters, texts);
  };
  std::optional<TranslationRun<Model, Step, decltype(translated)>> run;
  ranks.together([&] { run.emplace(task, options, parameters, step, translated); });
  if (options.files.load.empty()) {
    train(options, parameters, step, *run);
  } else {
    ranks.together([&] { run->load(); });
  }
  return ranks.is_first() ? run->conclude() : 0;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run_job("04_translate_dates", argc, argv, [&](const cg::Ranks& ranks) {
    TranslationOptions options{.steps = 1500, .learning_rate = 3e-3};
    CommandLine line("04_translate_dates",
                     R"(Trains a Transformer to translate dates such as "march 3, 2021" and "3.3.21".)");
    options.add_to(line, "--translate",
                   "a date to translate, written in one of the styles of support/dates.hpp");
    return line.parse(argc, argv) ? train_or_load(options, ranks) : line.exit_code();
  });
}
