#include "graph_check.hpp"

#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"

#include <boost/hana/for_each.hpp>

#include <chrono>
#include <iostream>
#include <stdexcept>

/// Random graphs: their derivatives of both orders and both modes, and the passes, in the interpreter.
/// `--count N` of them from `--seed S` on, graph i being of seed S + i.
namespace ctgrad::test {

namespace {

struct Arguments {
  std::uint64_t count = 500;
  std::uint64_t seed = 1;
};

/// Says whether every operation of the registry is in at least one of 50 graphs.
bool covers_all(const GraphTotals& totals, std::uint64_t count) {
  bool all = true;
  std::string_view rarest;
  int fewest = std::numeric_limits<int>::max();
  boost::hana::for_each(ops::registry, [&](auto op) {
    const std::string_view name = decltype(op)::type::name;
    const auto found = totals.graphs_with.find(name);
    const int graphs = found == totals.graphs_with.end() ? 0 : found->second;
    if (graphs < fewest) rarest = name;
    fewest = std::min(fewest, graphs);
    if (static_cast<std::uint64_t>(graphs) * 50 < count) {
      std::cout << name << " is in " << graphs << " graphs only\n";
      all = false;
    }
  });
  std::cout << "the rarest operation, " << rarest << ", is in " << fewest << " graphs\n";
  return all;
}

std::string what_is_wrong(std::uint64_t seed, GraphTotals& totals) {
  try {
    return GraphCheck(seed, totals).run();
  } catch (const std::exception& error) {
    return std::string(error.what()) + "\n";
  }
}

int run(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  std::cout << "seed: " << arguments.seed << '\n';
  GraphTotals totals;
  int wrong_graphs = 0;
  for (std::uint64_t i = 0; i < arguments.count; ++i) {
    const std::uint64_t seed = arguments.seed + i;
    const std::string wrong = what_is_wrong(seed, totals);
    if (wrong.empty() || ++wrong_graphs > 5) continue;
    std::cout << "graph of seed " << seed << ": " << wrong << table(random_graph(Seed{seed}).graph) << '\n';
  }
  bool ok = wrong_graphs == 0 && 10 * totals.skipped < totals.tangent.checks + totals.second.checks;
  if (arguments.count >= 500) ok = covers_all(totals, arguments.count) && ok;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::cout << std::flush;
  std::printf(
      "figure: random graphs %llu, checks %d, largest errors %.1g %.1g %.1g %.1g %.1g (bars 1e-12 1e-8 1e-6 "
      "1e-10 1e-10)\n",
      static_cast<unsigned long long>(arguments.count), totals.checks(), totals.adjoint.largest,
      totals.tangent.largest, totals.second.largest, totals.symmetry.largest, totals.optimised.largest);
  std::printf("%d graphs wrong, %d of %d differences skipped beside a kink\n", wrong_graphs, totals.skipped,
              totals.skipped + totals.tangent.checks + totals.second.checks);
  std::printf(
      "graphs: %llu graphs from seed %llu, %d checks, largest errors: adjoint %.1g (bar 1e-12), tangent %.1g "
      "(1e-8), second order %.1g (1e-6), symmetry %.1g (1e-10), optimised %.1g (1e-10), %.1f s: %s\n",
      static_cast<unsigned long long>(arguments.count), static_cast<unsigned long long>(arguments.seed),
      totals.checks(), totals.adjoint.largest, totals.tangent.largest, totals.second.largest,
      totals.symmetry.largest, totals.optimised.largest, seconds.count(), ok ? "ok" : "MISSED");
  return ok ? 0 : 1;
}

}  // namespace

}  // namespace ctgrad::test

int main(int argc, char** argv) {
  return program::run("graphs_random", [&] {
    ctgrad::test::Arguments arguments;
    CommandLine line("graphs_random", "Checks derivatives of random graphs, graph i being of seed S + i.");
    line.add_count("--count", arguments.count, "graphs", 0).add("--seed", arguments.seed, "S");
    return line.parse(argc, argv) ? ctgrad::test::run(arguments) : line.exit_code();
  });
}
