#include "toy_report.hpp"

#include "program.hpp"

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/inspect/summary.hpp>
#include <ctgrad/report/report.hpp>

#include <cmath>
#include <cstdio>

namespace toy_encoder {

namespace {

using namespace ctgrad;

constexpr double bar = 0.995;

std::vector<std::string> words_of(Tokens tokens) {
  std::vector<std::string> words;
  for (const std::int32_t token : tokens) words.push_back(std::to_string(token));
  return words;
}

std::string line_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (word.size() < 2 ? "  " : " ") + word;
  return text;
}

/// The weights of both layers, [1, heads, length, length] each.
constexpr auto look = [](const auto& model, auto ids) {
  const auto x = model.positions(model.tokens(ids));
  const auto& [first, second] = model.encoder.layers;
  const auto y = first(x);
  return std::tuple{first.attention.weights(x, x), second.attention.weights(y, y)};
};

void add_attention(report::Report& page, const Options& options, const Parameters<Model>& parameters,
                   const Run& run) {
  Program<look, Model, Index<1, length>> program;
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{length}});
  std::ranges::copy(run.ids, ids.begin());
  const auto [first, second] = program(parameters, ids);
  const std::vector<std::string>& tokens = run.samples.front().input;
  report::add_attention(page, "Layer 1", first, 0, tokens, tokens);
  report::add_attention(page, "Layer 2", second, 0, tokens, tokens);
  if (options.task == "reverse") {
    page.paragraph("To reverse a sequence, a token at position t needs the one at position " +
                   std::to_string(length) +
                   " - t: a head that has learned it is dark along the diagonal from the lower left to the "
                   "upper right.");
  }
}

void write_report(const Options& options, const Parameters<Model>& parameters, const Run& run) {
  report::Report page("A Transformer encoder and sequences to " + options.task);
  page.section("Model");
  report::add_summary(page, summary<predict, Model, Ids>());
  if (!run.history.loss().x.empty()) {
    page.section("Training");
    report::add_history(page, run.history);
  }
  page.section("What it predicts");
  page.samples(run.samples);
  page.section("Attention");
  add_attention(page, options, parameters, run);
  page.section("What is run in a training step, for each of " + std::to_string(Step::shards()) + " shards");
  report::add_graphs(page, Step::Part::Trace::traced(), Step::graph().thaw(), input_names<Model, Ids, Ids>());
  page.write(options.files.report);
}

}  // namespace

double Run::report(const LoopReport& report, double accuracy) {
  std::printf("step %5zu  loss %.9f  unseen tokens right %6.2f %%\n", report.step,
              ctgrad::text::unsigned_nan(report.loss), 100 * accuracy);
  program::flush_output();
  history.add(report.step, report.loss, accuracy);
  return accuracy;
}

void Run::add(Tokens input, Tokens predicted, Tokens target) {
  if (samples.empty()) ids.assign(input.begin(), input.end());
  samples.push_back({words_of(input), words_of(predicted), words_of(target)});
}

int conclude(const Options& options, const Parameters<Model>& parameters, const Run& told, const Hits& hits,
             const LoopResult& loop) {
  const bool learned = hits.accuracy() >= bar, in_time = loop.seconds <= options.within;
  std::printf("\nUnseen sequences:\n\n");
  for (const auto& [input, prediction, target] : told.samples)
    std::printf("  input      %s\n  prediction %s\n  target     %s\n\n", line_of(input).c_str(),
                line_of(prediction).c_str(), line_of(target).c_str());
  const std::string time_bar =
      std::isfinite(options.within) ? " (bar " + shortest(options.within) + " s)" : "";
  std::printf("%s: %.2f %% of %zu tokens of 1000 unseen sequences right (bar %.1f %%), ",
              options.task.c_str(), 100 * hits.accuracy(), hits.total, 100 * bar);
  std::printf("%zu steps in %.1f s%s, seed %llu: %s%s\n", loop.steps, loop.seconds, time_bar.c_str(),
              static_cast<unsigned long long>(options.seed), learned ? "learned" : "NOT LEARNED",
              in_time ? "" : ", TOO SLOW");
  if (!options.files.report.empty()) write_report(options, parameters, told);
  return (learned || options.allow_unlearned) && in_time ? 0 : 1;
}

}  // namespace toy_encoder
