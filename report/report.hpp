#pragma once

#include <ctgrad/inspect/summary_table.hpp>
#include <ctgrad/passes/eliminate.hpp>
#include <ctgrad/report/chart.hpp>
#include <ctgrad/report/heatmap.hpp>
#include <ctgrad/report/html.hpp>
#include <ctgrad/report/plan_drawing.hpp>

/// What one shows of a model and its training, a call each. An example's report in full:
///
///     constexpr auto look = [](const auto& model, auto ids) {  // the weights of every layer
///       auto x = model.positions(model.tokens(ids));
///       const auto& [first, second] = model.encoder.layers;
///       const auto weights = first.attention.weights(x, x);
///       x = first(x);
///       return std::tuple{weights, second.attention.weights(x, x)};
///     };
///
///     report::Report page("Reversing sequences");
///     page.section("Model");
///     report::add_summary(page, cg::summary(program));                // <ctgrad/inspect/summary.hpp>
///     page.section("Training");
///     report::add_history(page, history);                             // filled by the loop's reports
///     page.section("What it predicts");
///     page.samples({{input, prediction, target}, ...});               // tokens
///     page.section("Attention");
///     cg::Program<look, Model, Ids> looking;
///     const auto [first, second] = looking(parameters, ids);
///     report::add_attention(page, "Layer 1", first, 0, tokens, tokens);
///     report::add_attention(page, "Layer 2", second, 0, tokens, tokens);
///     page.section("What is run");
///     constexpr auto plain = cg::optimize<cg::no_passes>(cg::value_and_grad(loss));
///     report::add_graphs(page, cg::runtime::Trace<plain, Model, Ids, Ids>::make(), Step::graph().thaw(),
///                        cg::input_names<Model, Ids, Ids>());
///     page.write("report.html");
namespace ctgrad::report {

/// A summary's layers and parameters as a table.
inline Table table_of(const Summary& summary) {
  Table table{{"layer", "shape", "parameters", "bytes"}, {false, false, true, true, true}, {}};
  const bool runs = summary.run.has_value();
  if (runs) table.head.emplace_back("operations a run");
  const auto add = [&](const SummaryRow& row, const std::string& kind) {
    const bool known = row.count > 0 || !runs;
    std::vector<std::string> cells{row.name, row.is_layer ? "" : short_shape(row.shape),
                                   known ? text::with_commas(row.count) : "",
                                   known ? text::with_commas(row.bytes) : ""};
    if (runs) cells.push_back(text::with_commas(row.flops));
    table.rows.push_back({std::move(cells), row.depth, kind});
  };
  for (const SummaryRow& row : summary.rows) add(row, row.is_layer ? "group" : "");
  if (runs) add({"without parameters", "", 0, true, {}, 0, 0, summary.run->other_flops}, "");
  add({"total", "", 0, true, {}, summary.count, summary.bytes, runs ? summary.run->flops : 0}, "total");
  return table;
}

/// A run's operations as a table.
inline Table table_of(const SummaryRun& run) {
  Table table{{"operation", "nodes", "operations a run", "share"}, {false, true, true, true}, {}};
  for (const SummaryOperation& kind : run.operations) {
    table.rows.push_back({{kind.name, text::with_commas(kind.nodes), text::with_commas(kind.flops),
                           summarizing::share(kind.flops, run.flops)},
                          0,
                          ""});
  }
  return table;
}

/// The layers of a model and, where there is a run, what it does.
inline void add_summary(Report& page, const Summary& summary) {
  std::string words = text::with_commas(summary.count) + " parameters in " +
                      text::memory(static_cast<Size>(summary.bytes)) + ".";
  if (summary.run) words += " A run takes " + text::run(*summary.run) + ".";
  page.paragraph(words);
  page.table(table_of(summary));
  if (summary.run) page.table(table_of(*summary.run));
}

/// Loss (on a logarithmic scale where it is positive) and accuracy, side by side.
inline void add_history(Report& page, const History& history) {
  const bool positive = std::ranges::all_of(history.loss().y, [](double y) { return !(y <= 0); });
  ChartOptions loss{.y_label = "loss", .y_scale = positive ? Scale::logarithmic : Scale::linear};
  Markup charts = line_chart({history.loss()}, loss);
  const bool graded = !history.accuracy().y.empty();
  if (graded) {
    ChartOptions accuracy{.y_label = "accuracy", .percent = true, .reaches = {0, 1}};
    charts += line_chart({history.accuracy()}, accuracy);
  }
  page.figure(charts, std::string("Loss") + (graded ? " and accuracy" : "") + " over the steps of training" +
                          (positive ? "; the loss on a logarithmic scale." : "."));
}

/// The attention weights [batch, heads, T, S] of one layer, for one sample; see `attention_heads`. On one
/// scale for all layers, unless another is given: that many tokens get little each is seen.
template <class Weights>
void add_attention(Report& page, const std::string& layer, const Weights& weights, std::size_t sample,
                   const std::vector<std::string>& queries, const std::vector<std::string>& keys,
                   Range scale = {0, 1}) {
  const std::vector<Heatmap> heads = attention_heads(weights, sample, queries, keys);
  page.figures({heatmaps(heads, scale, "attention weight")},
               layer + ": how much each token (a row) looks at each (a column).");
}

/// A graph as it was traced, without what no output needs, and what is run of it after fusion, both folded.
/// `inputs` names its inputs. A derivative's `Trace::traced()` already has what differentiation fuses; to see
/// it without, trace `optimize<no_passes>(f)`.
inline void add_graphs(Report& page, const Graph& before, const Graph& after,
                       const std::vector<std::string>& inputs = {}) {
  const Boxes traced = boxes_of(passes::eliminate_dead(before), inputs), run = calls_of(after, inputs);
  const auto size = [](const Boxes& graph, const char* what) {
    return std::to_string(graph.boxes.size()) + " " + what + ", " + std::to_string(graph.edges.size()) +
           " edges";
  };
  page.folded("Before fusion: " + size(traced, "nodes"),
              drawing_legend() + draw(traced, "the graph as traced"));
  page.folded("After fusion: " + size(run, "inputs and kernel calls"),
              drawing_legend() + draw(run, "what is run"));
}

}  // namespace ctgrad::report
