// What the passes make of training steps, counted: nothing is run. The bars are those of the last line.
#include "support/encoder.hpp"

#include "../examples/support/command_line.hpp"
#include "../examples/support/program.hpp"

#include <cstdio>
#include <iostream>
#include <string>

namespace {

namespace cg = ctgrad;
using bench::Ids;
using bench::Model;
using bench::Shape;

constexpr double arena_bar = 1.03;  // times the lower bound

/// The encoder of the reference files.
constexpr Shape reference{2, 32, 2, 32, 50, 12, 3};
/// One whose scores would be most of its memory.
constexpr Shape long_sequence{2, 32, 2, 32, 50, 1024, 1};

/// Pieces of the last line, and whether all bars were met.
struct Verdict {
  std::string summary;
  bool met = true;

  void say(const std::string& piece) { summary += (summary.empty() ? "" : "; ") + piece; }
  void demand(bool holds) { met = met && holds; }
};

std::string figures(cg::Size number) { return cg::to_string(number); }

std::string from_to(const char* what, cg::Size before, cg::Size after) {
  return std::string(what) + " " + figures(before) + " -> " + figures(after);
}

/// The graph of a training step that is run after these passes.
template <Shape S, cg::Optimize Passes>
cg::Graph step_graph() {
  constexpr auto f = cg::optimize<Passes>(bench::step);
  return cg::runtime::Trace<f, Model<S>, Ids<S>, Ids<S>>::make();
}

/// How many kernel calls write an array [..., rows, columns].
int stored(const cg::Graph& graph, cg::Size rows, cg::Size columns) {
  const cg::plan::Plan plan = cg::plan::Planner(graph, sizeof(float)).build();
  return cg::count_stored(graph, std::span(plan.calls), [&](const cg::Shape& shape) {
    return shape.rank >= 2 && shape.last() == columns && shape[shape.rank - 2] == rows;
  });
}

void explain_reference(Verdict& verdict) {
  const cg::Explanation found = cg::explain<bench::step, Model<reference>, Ids<reference>, Ids<reference>>();
  const cg::Costs& before = found.stages.front().after;
  const cg::Costs& after = found.plan();
  std::cout << "the reference encoder's training step\n" << found << "\n";
  char ratio[64];
  std::snprintf(ratio, sizeof ratio, "%.3f times its bound (bar %.2f)", after.arena_ratio(), arena_bar);
  verdict.say("reference: " + from_to("nodes", before.nodes, after.nodes) + ", " +
              from_to("kernels run", before.kernel_calls, after.kernel_calls) + ", " +
              from_to("bytes moved", before.bytes, after.bytes) + ", " +
              from_to("arena bytes", before.arena_bytes, after.arena_bytes) + ", " + ratio + ", " +
              from_to("copies", before.copies, after.copies) + " (bar 0)");
  verdict.demand(after.arena_ratio() <= arena_bar && after.copies == 0);
}

void explain_long_sequence(Verdict& verdict) {
  constexpr cg::Size length = long_sequence.length;
  const cg::Graph fused = step_graph<long_sequence, cg::Optimize{}>();
  const cg::Graph plain = step_graph<long_sequence, cg::Optimize{.attention = false}>();
  const int scores = stored(fused, length, length);
  std::cout << "length 1024: arrays of 1024 x 1024 in the plan: " << stored(plain, length, length)
            << " without fused attention, " << scores << " with it\n";
  verdict.say("length 1024: " +
              from_to("arena bytes with attention plain and fused", cg::costs(plain).arena_bytes,
                      cg::costs(fused).arena_bytes) +
              ", stored 1024 x 1024 " + figures(scores) + " (bar 0)");
  verdict.demand(scores == 0);
}

/// All passes but the one that computes the loss over a vocabulary in chunks.
template <class Passes = cg::Optimize>
constexpr Passes without_chunks() {
  Passes passes;
  if constexpr (requires { passes.linear_cross_entropy; }) passes.linear_cross_entropy = false;
  return passes;
}

void explain_vocabulary(Verdict& verdict) {
  constexpr Shape s = bench::seed;
  const cg::Graph chunked = step_graph<s, cg::Optimize{}>();
  const cg::Graph plain = step_graph<s, without_chunks()>();
  const int logits = stored(chunked, s.length, s.vocabulary);
  std::cout << "seed: arrays of 100 x 10000 in the plan: " << stored(plain, s.length, s.vocabulary)
            << " with the cross-entropy whole, " << logits << " in chunks\n";
  verdict.say("seed: " +
              from_to("arena bytes with the cross-entropy whole and in chunks", cg::costs(plain).arena_bytes,
                      cg::costs(chunked).arena_bytes) +
              ", stored 100 x 10000 " + figures(logits) + " (bar 0)");
  verdict.demand(logits == 0);
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_explain", [&] {
    CommandLine line("bench_explain",
                     "Counts what the passes make of training steps, and holds it against bars.");
    if (!line.parse(argc, argv)) return line.exit_code();
    Verdict verdict;
    explain_reference(verdict);
    explain_long_sequence(verdict);
    explain_vocabulary(verdict);
    std::cout << "explain: " << verdict.summary << ": " << (verdict.met ? "ok" : "MISSED") << "\n";
    return verdict.met ? 0 : 1;
  });
}
