// Trains a Transformer encoder on a toy task and shows what it learned: tokens in, as many tokens out. The
// model and its loss are in support/toy_model.hpp; the command line, files and what is printed in
// support/toy_options.hpp, run_files.hpp and toy_report.hpp.
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/metrics.hpp>
#include <ctgrad/train/ranks.hpp>
#include <ctgrad/train/schedule.hpp>
#include <ctgrad/train/stop_signal.hpp>
#include <ctgrad/train/toy.hpp>

#include "support/file_options.hpp"
#include "support/job/job.hpp"
#include "support/toy_report.hpp"

#include <array>
#include <cstdio>
#include <optional>

namespace cg = ctgrad;

namespace {

using namespace toy_encoder;

constexpr cg::Size evaluation_batch = 100;
using Predict = cg::Program<predict, Model, cg::Index<evaluation_batch, length>>;

cg::toy::Sequences sequences_of(const Options& options, cg::Size count, cg::toy::Split split) {
  return {cg::toy::parse_task(options.task),
          {.vocabulary = vocabulary, .length = length, .batch = static_cast<std::size_t>(count)},
          cg::Seed{options.seed},
          split};
}
cg::toy::Sequences unseen(const Options& options) {
  return sequences_of(options, evaluation_batch, cg::toy::Split::evaluation);
}

/// The tokens that are right in so many batches of sequences that training never shows.
cg::Hits evaluate(Predict& program, const cg::Parameters<Model>& parameters, cg::toy::Sequences sequences,
                  int batches) {
  cg::Hits hits;
  for (int i = 0; i < batches; ++i) {
    const auto& [ids, targets] = sequences.next();
    hits += cg::count_hits(program(parameters, ids), targets);
  }
  return hits;
}

/// Adds what the model makes of the first sequences: the likeliest token at every position.
void predict_some(Predict& program, const cg::Parameters<Model>& parameters, cg::toy::Sequences sequences,
                  int count, Run& told) {
  const auto& [ids, targets] = sequences.next();
  const auto logits = program(parameters, ids);
  for (int row = 0; row < count; ++row) {
    const auto begin = row * length;
    std::array<std::int32_t, length> predicted;
    for (cg::Size t = 0; t < length; ++t)
      predicted[static_cast<std::size_t>(t)] =
          cg::argmax(logits.data() + (begin + t) * vocabulary, vocabulary);
    told.add(Tokens(ids.data() + begin, length), predicted, Tokens(targets.data() + begin, length));
  }
}

int train(const Options& options, const cg::Ranks& ranks) {
  cg::toy::Sequences sequences = sequences_of(options, batch, cg::toy::Split::training);
  cg::Parameters<Model> parameters{cg::Seed{options.seed}};
  cg::Adam adam{parameters, {.learning_rate = options.learning_rate}};
  const cg::schedule::WarmupInverseSquareRoot rate{{.peak = options.learning_rate, .warmup = 100}};
  RunFiles files = options.run_files(ranks);
  const std::size_t first_step = files.begin(options.steps, parameters, adam, sequences);
  Step step{program::team_of_job(), ranks, cg::RankGradients::sliced};
  adam.set_team(step.team());
  adam.set_ranks(ranks);
  Predict program;
  Run told;
  std::printf("%s: %zu parameters, %zu kernel calls a step, %lld bytes of activations, seed %llu\n",
              options.task.c_str(), parameters.count(), Step::kernel_calls(),
              static_cast<long long>(Step::arena_bytes()), static_cast<unsigned long long>(options.seed));

  std::optional<cg::StopOnSignals> stop(std::in_place);
  const cg::LoopResult loop = cg::run_training(
      {.steps = options.steps,
       .report_every = options.report_every,
       .first_step = first_step,
       .ranks = ranks},
      sequences,
      [&](const cg::toy::Batch& examples) {  // a step: its rate, the loss and its gradients, an update
        adam.set_learning_rate(rate(adam.steps() + 1));
        const auto result = step(parameters, examples.ids, examples.targets);
        adam.update(parameters, result);
        return static_cast<double>(result.value);
      },
      [&](const cg::LoopReport& report) {
        return told.report(report, evaluate(program, parameters, unseen(options), 1).accuracy());
      },
      [&] { files.after_step(parameters, adam); }, *stop);
  cg::share_signal(ranks, *stop);
  adam.gather_state();
  FinalWrite kept([&] { files.end(parameters, adam); });
  kept.attempt();
  kept.end_training(*stop, files.stopped(stop->name(), loop.steps, options.steps));
  stop.reset();
  if (!ranks.is_first()) return 0;

  const cg::Hits hits = evaluate(program, parameters, unseen(options), 10);
  predict_some(program, parameters, unseen(options), 3, told);
  const int code = conclude(options, parameters, told, hits, loop);
  kept.require();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run_job("03_train_encoder", argc, argv, [&](const cg::Ranks& ranks) {
    Options options;
    CommandLine line("03_train_encoder",
                     "Trains a Transformer encoder on sequences of 12 tokens of 16 kinds.");
    options.add_to(line);
    return line.parse(argc, argv) ? train(options, ranks) : line.exit_code();
  });
}
