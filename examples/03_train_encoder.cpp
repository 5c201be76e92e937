// Trains a Transformer encoder on a toy task and shows what it learned: tokens in, as many tokens out.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/metrics.hpp>
#include <ctgrad/train/toy.hpp>

#include "support/command_line.hpp"

#include <cstdio>
#include <exception>
#include <string>

namespace cg = ctgrad;

namespace {

constexpr cg::Size kinds = 16, length = 12, batch = 32, width = 32;
constexpr double bar = 0.995;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (cg::nn::Embedding<kinds, width>,           tokens),
    (cg::nn::PositionEmbedding<length, width>,  positions),
    (cg::nn::Encoder<2, width, 2, 64>,          encoder),  // layers, width, heads, hidden
    (cg::nn::Linear<width, kinds>,              head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};

constexpr auto predict = [](const auto& model, auto ids) { return model(ids); };
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cg::cross_entropy(model(ids), targets);
};

using Ids = cg::Index<batch, length>;
using Step = cg::Program<cg::value_and_grad(loss), Model, Ids, Ids>;

constexpr cg::Size evaluation_batch = 100;
using Predict = cg::Program<predict, Model, cg::Index<evaluation_batch, length>>;

struct Options {
  cg::toy::Task task = cg::toy::Task::reverse;
  std::size_t steps = 2000;
  std::uint64_t seed = 1;
  double learning_rate = 2e-3;
  bool allow_unlearned = false;
};

cg::toy::Sequences unseen(const Options& options) {
  return {options.task,
          {.kinds = kinds, .length = length, .batch = evaluation_batch},
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

std::string tokens(const std::int32_t* ids) {
  std::string text;
  for (cg::Size i = 0; i < length; ++i)
    text += (i > 0 ? " " : "") + std::string(ids[i] < 10 ? " " : "") + std::to_string(ids[i]);
  return text;
}

void show_predictions(Predict& program, const cg::Parameters<Model>& parameters, const Options& options,
                      int count) {
  cg::toy::Sequences sequences = unseen(options);
  const auto& [ids, targets] = sequences.next();
  const auto logits = program(parameters, ids);
  for (int row = 0; row < count; ++row) {
    std::int32_t predicted[length];
    for (cg::Size t = 0; t < length; ++t)
      predicted[t] = cg::argmax(logits.data() + (row * length + t) * kinds, kinds);
    std::printf("  input       %s\n  prediction  %s\n  target      %s\n\n",
                tokens(ids.data() + row * length).c_str(), tokens(predicted).c_str(),
                tokens(targets.data() + row * length).c_str());
  }
}

int train(const Options& options, const std::string& task) {
  cg::Parameters<Model> parameters{cg::Seed{options.seed}};
  cg::Adam adam{parameters, {.learning_rate = options.learning_rate}};
  cg::toy::Sequences sequences{
      options.task, {.kinds = kinds, .length = length, .batch = batch}, cg::Seed{options.seed}};
  Step step;
  Predict program;
  std::printf("%s: %zu parameters, %zu kernel calls a step, %lld bytes of activations, seed %llu\n",
              task.c_str(), cg::Parameters<Model>::count(), Step::steps(),
              static_cast<long long>(Step::arena_bytes()), static_cast<unsigned long long>(options.seed));

  const cg::LoopResult run = cg::run_training(
      {.steps = options.steps, .report_every = 100}, sequences,
      [&](const cg::toy::Batch& examples) {
        const auto result = step(parameters, examples.ids, examples.targets);
        adam.update(parameters, result);
        return static_cast<double>(result.value);
      },
      [&](const cg::LoopReport& report) {
        const double accuracy = evaluate(program, parameters, options, 1).accuracy();
        std::printf("step %5zu  loss %.9f  unseen tokens right %6.2f %%\n", report.step, report.loss,
                    100 * accuracy);
        std::fflush(stdout);
        return accuracy;
      });

  const cg::Hits hits = evaluate(program, parameters, options, 10);
  const bool learned = hits.accuracy() >= bar;
  std::printf("\nUnseen sequences:\n\n");
  show_predictions(program, parameters, options, 3);
  std::printf(
      "%s: %.2f %% of %zu tokens of 1000 unseen sequences right (bar %.1f %%), %zu steps in %.1f s: %s\n",
      task.c_str(), 100 * hits.accuracy(), hits.total, 100 * bar, run.steps, run.seconds,
      learned ? "learned" : "NOT LEARNED");
  return learned || options.allow_unlearned ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::string task = "reverse";
  CommandLine line("03_train_encoder", "Trains a Transformer encoder on sequences of 12 tokens of 16 kinds.");
  line.add("--task", task, "copy, reverse or sort")
      .add_count("--steps", options.steps, "training steps of 32 sequences")
      .add("--seed", options.seed, "what parameters and data follow from")
      .add("--learning-rate", options.learning_rate, "Adam's step size")
      .add_flag("--allow-unlearned", options.allow_unlearned, "succeed whatever was learned");
  if (!line.parse(argc, argv)) return line.exit_code();
  try {
    options.task = cg::toy::parse_task(task);
    return train(options, task);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "03_train_encoder: %s\n", error.what());
    return 2;
  }
}
