#include "toy_report.hpp"

#include <ctgrad/inspect/summary.hpp>
#include <ctgrad/report/report.hpp>

namespace toy_encoder {

namespace {

using namespace ctgrad;

/// The weights of both layers, [1, heads, length, length] each.
constexpr auto look = [](const auto& model, auto ids) {
  const auto x = model.positions(model.tokens(ids));
  const auto& [first, second] = model.encoder.layers;
  const auto y = first(x);
  return std::tuple{first.attention.weights(x, x), second.attention.weights(y, y)};
};

void add_attention(report::Report& page, const Parameters<Model>& parameters, const Run& run) {
  Program<look, Model, Index<1, length>> program;
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({std::size_t{1}, std::size_t{length}});
  std::ranges::copy(run.ids, ids.begin());
  const auto [first, second] = program(parameters, ids);
  const std::vector<std::string>& tokens = run.samples.front().input;
  report::add_attention(page, "Layer 1", first, 0, tokens, tokens);
  report::add_attention(page, "Layer 2", second, 0, tokens, tokens);
  if (run.task == "reverse") {
    page.paragraph("To reverse a sequence, a token at position t needs the one at position " +
                   std::to_string(length) +
                   " - t: a head that has learned it is dark along the diagonal from the lower left to the "
                   "upper right.");
  }
}

}  // namespace

void write_report(const std::string& path, const Parameters<Model>& parameters, const Run& run) {
  report::Report page("A Transformer encoder and sequences to " + run.task);
  page.section("Model");
  report::add_summary(page, summary<predict, Model, Ids>());
  if (!run.history.loss().x.empty()) {
    page.section("Training");
    report::add_history(page, run.history);
  }
  page.section("What it predicts");
  page.samples(run.samples);
  page.section("Attention");
  add_attention(page, parameters, run);
  page.section("What is run in a training step");
  report::add_graphs(page, Step::Trace::traced(), Step::graph().thaw(), input_names<Model, Ids, Ids>());
  page.write(path);
}

}  // namespace toy_encoder
