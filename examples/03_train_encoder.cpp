// Trains a Transformer encoder on a toy task and shows what it learned: tokens in, as many tokens out.
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/metrics.hpp>
#include <ctgrad/train/schedule.hpp>
#include <ctgrad/train/stop_signal.hpp>
#include <ctgrad/train/toy.hpp>

#include "support/command_line.hpp"
#include "support/file_options.hpp"
#include "support/program.hpp"
#include "support/run_files.hpp"
#include "support/toy_report.hpp"

#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>

namespace cg = ctgrad;

namespace {

using namespace toy_encoder;

constexpr double bar = 0.995;

constexpr cg::Size evaluation_batch = 100;
using Predict = cg::Program<predict, Model, cg::Index<evaluation_batch, length>>;

struct Options {
  cg::toy::Task task = cg::toy::Task::reverse;
  std::size_t steps = 2000;
  std::size_t report_every = 100;
  std::uint64_t seed = 1;
  double learning_rate = 4e-3;
  double within = std::numeric_limits<double>::infinity();
  bool allow_unlearned = false;
  RunFileOptions files;
};

cg::toy::Sequences unseen(const Options& options) {
  return {options.task,
          {.vocabulary = vocabulary, .length = length, .batch = evaluation_batch},
          cg::Seed{options.seed},
          cg::toy::Split::evaluation};
}

/// The accuracy on so many batches of sequences that training never shows.
cg::Hits evaluate(Predict& program, const cg::Parameters<Model>& parameters, const Options& options,
                  int batches) {
  cg::toy::Sequences sequences = unseen(options);
  cg::Hits hits;
  for (int i = 0; i < batches; ++i) {
    const auto& [ids, targets] = sequences.next();
    hits += cg::count_hits(program(parameters, ids), targets);
  }
  return hits;
}

/// The tokens of a row, and those on one line.
std::vector<std::string> tokens(const std::int32_t* row) {
  std::vector<std::string> words;
  for (cg::Size t = 0; t < length; ++t) words.push_back(std::to_string(row[t]));
  return words;
}
std::string line_of(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += (token.size() < 2 ? "  " : " ") + token;
  return text;
}

/// What the model makes of the first unseen sequences, the ids of the first of which go to `first`.
std::vector<cg::report::Sample> predictions(Predict& program, const cg::Parameters<Model>& parameters,
                                            const Options& options, int count,
                                            std::vector<std::int32_t>& first) {
  cg::toy::Sequences sequences = unseen(options);
  const auto& [ids, targets] = sequences.next();
  first.assign(ids.data(), ids.data() + length);
  const auto logits = program(parameters, ids);
  std::vector<cg::report::Sample> samples;
  for (int row = 0; row < count; ++row) {
    std::int32_t predicted[length];
    for (cg::Size t = 0; t < length; ++t)
      predicted[t] = cg::argmax(logits.data() + (row * length + t) * vocabulary, vocabulary);
    samples.push_back(
        {tokens(ids.data() + row * length), tokens(predicted), tokens(targets.data() + row * length)});
  }
  return samples;
}

/// Shows and reports what was learned, and gives the exit code.
int conclude(const Options& options, Run& told, Predict& program, const cg::Parameters<Model>& parameters,
             const cg::LoopResult& run) {
  const cg::Hits hits = evaluate(program, parameters, options, 10);
  const bool learned = hits.accuracy() >= bar, in_time = run.seconds <= options.within;
  std::printf("\nUnseen sequences:\n\n");
  told.samples = predictions(program, parameters, options, 3, told.ids);
  for (const auto& [input, prediction, target] : told.samples)
    std::printf("  input      %s\n  prediction %s\n  target     %s\n\n", line_of(input).c_str(),
                line_of(prediction).c_str(), line_of(target).c_str());
  const std::string time_bar =
      std::isfinite(options.within) ? " (bar " + cg::shortest(options.within) + " s)" : "";
  std::printf("%s: %.2f %% of %zu tokens of 1000 unseen sequences right (bar %.1f %%), ", told.task.c_str(),
              100 * hits.accuracy(), hits.total, 100 * bar);
  std::printf("%zu steps in %.1f s%s, seed %llu: %s%s\n", run.steps, run.seconds, time_bar.c_str(),
              static_cast<unsigned long long>(options.seed), learned ? "learned" : "NOT LEARNED",
              in_time ? "" : ", TOO SLOW");
  if (!options.files.report.empty()) write_report(options.files.report, parameters, told);
  return (learned || options.allow_unlearned) && in_time ? 0 : 1;
}

void introduce(const Options& options, const std::string& task) {
  std::printf("%s: %zu parameters, %zu kernel calls a step, %lld bytes of activations, seed %llu\n",
              task.c_str(), cg::Parameters<Model>::count(), Step::kernel_calls(),
              static_cast<long long>(Step::arena_bytes()), static_cast<unsigned long long>(options.seed));
}

int train(const Options& options, const std::string& task) {
  cg::require_option(options.within > 0, "--within", "a number above 0", options.within);
  cg::Parameters<Model> parameters{cg::Seed{options.seed}};
  cg::Adam adam{parameters, {.learning_rate = options.learning_rate}};
  cg::toy::Sequences sequences{
      options.task, {.vocabulary = vocabulary, .length = length, .batch = batch}, cg::Seed{options.seed}};
  RunFiles files(options.files, options.seed,
                 {{"--task", task}, {"--learning-rate", cg::shortest(options.learning_rate)}});
  const cg::schedule::WarmupInverseSquareRoot rate{{.peak = options.learning_rate, .warmup = 100}};
  const std::size_t first_step = files.begin(options.steps, parameters, adam, sequences);
  Step step;
  Predict program;
  Run told{.task = task, .history = {}, .samples = {}, .ids = {}};
  introduce(options, task);
  std::optional<cg::StopOnSignals> stop(std::in_place);
  const cg::LoopResult run = cg::run_training(
      {.steps = options.steps, .report_every = options.report_every, .first_step = first_step}, sequences,
      [&](const cg::toy::Batch& examples) {
        adam.set_learning_rate(rate(adam.steps() + 1));
        const auto result = step(parameters, examples.ids, examples.targets);
        adam.update(parameters, result);
        return static_cast<double>(result.value);
      },
      [&](const cg::LoopReport& report) {
        const double accuracy = evaluate(program, parameters, options, 1).accuracy();
        std::printf("step %5zu  loss %.9f  unseen tokens right %6.2f %%\n", report.step, report.loss,
                    100 * accuracy);
        program::flush_output();
        told.history.add(report.step, report.loss, accuracy);
        return accuracy;
      },
      [&] { files.after_step(parameters, adam); }, *stop);
  FinalWrite kept([&] { files.end(parameters, adam); });
  kept.attempt();
  kept.end_training(*stop, files.stopped(stop->name(), run.steps, options.steps));
  stop.reset();

  const int code = conclude(options, told, program, parameters, run);
  kept.require();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("03_train_encoder", [&] {
    Options options;
    std::string task = "reverse";
    CommandLine line("03_train_encoder",
                     "Trains a Transformer encoder on sequences of 12 tokens of 16 kinds.");
    line.add("--task", task, "copy, reverse or sort")
        .add_count("--steps", options.steps, "training steps of 32 sequences; 0 only evaluates", 0)
        .add_count("--report-every", options.report_every, "steps between two lines of losses")
        .add("--seed", options.seed, "what parameters and data follow from")
        .add("--learning-rate", options.learning_rate,
             "Adam's largest step size, that of step 100; it rises until then, and falls afterwards",
             numbers::floats)
        .add("--within", options.within, "seconds that this run's training steps may take")
        .add_flag("--allow-unlearned", options.allow_unlearned, "succeed whatever was learned");
    options.files.add_to(line);
    if (!line.parse(argc, argv)) return line.exit_code();
    options.task = cg::toy::parse_task(task);
    return train(options, task);
  });
}
