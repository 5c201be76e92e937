// Times every matrix product of the configurations' linear layers, forward and backward, on one core: as a
// share of that core's peak, beside OpenBLAS and oneDNN and beside what good kernels reach.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../support/options.hpp"
#include "../support/report.hpp"
#include "contest.hpp"
#include "expected.hpp"

#include <cstdio>
#include <string>

namespace {

constexpr double points = 3;  // of a hundred, that a product may lack of either bar

struct Configuration {
  const char* name;
  std::span<const bench::Product> (*products)();
};

constexpr Configuration configurations[] = {
    {"toy", bench::products_of_toy},     {"toy-1", bench::products_of_toy_1},
    {"seed", bench::products_of_seed},   {"seed-32", bench::products_of_seed_32},
    {"small", bench::products_of_small}, {"base", bench::products_of_base},
};

/// What was found of all products.
struct Verdict {
  int products = 0;
  int below_expected = 0;
  int behind_openblas = 0;
  int wrong = 0;
  double worst_below = 0;   ///< points
  double worst_behind = 0;  ///< points
  bool met() const { return below_expected + behind_openblas + wrong == 0; }
};

class Table {
 public:
  explicit Table(const std::vector<bench::Peer>& peers) : peers_(peers) {}

  /// Times and prints one product.
  void measure(const char* configuration, const bench::Product& product) {
    const bench::ContestResult found = bench::contest(watch_, product, peers_);
    const bench::Expectation expected = bench::expected(product, bench::vector_bits);
    const double percent = 100 * found.own.share;
    const double below = expected.exact ? expected.percent - percent : 0;
    const double behind = 100 * found.peers[0].share - percent;
    ++verdict_.products;
    verdict_.worst_below = std::max(verdict_.worst_below, below);
    verdict_.worst_behind = std::max(verdict_.worst_behind, behind);
    verdict_.below_expected += below > points ? 1 : 0;
    verdict_.behind_openblas += behind > points ? 1 : 0;
    verdict_.wrong += found.wrong.empty() ? 0 : 1;

    const auto& shape = product.shape;
    char name[96];
    std::snprintf(name, sizeof name, "%-8s %-10s %-3s %5d x %5d x %5d", configuration, product.layer.name,
                  letters(product.role), static_cast<int>(shape.rows), static_cast<int>(shape.columns),
                  static_cast<int>(shape.inner));
    std::printf("%s %10.2f us %5.1f %% (expected %s%g)", name, 1e6 * found.own.seconds, percent,
                expected.exact ? "" : "about ", expected.percent);
    bench::Report::Figures figures{{"microseconds", 1e6 * found.own.seconds},
                                   {"percent_of_peak", percent},
                                   {"expected_percent_of_peak", expected.percent}};
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      if (peers_[i].multiply == nullptr) continue;
      std::printf(", %s %5.1f", peers_[i].name.c_str(), 100 * found.peers[i].share);
      figures.emplace_back(peers_[i].name + "_percent_of_peak", 100 * found.peers[i].share);
    }
    std::printf("%s%s", below > points ? "  BELOW" : "", behind > points ? "  BEHIND" : "");
    if (!found.wrong.empty()) std::printf("  WRONG:%s", found.wrong.c_str());
    std::printf("\n");
    program::flush_output();
    report_.add(name, figures);
  }

  bench::Report& report() { return report_; }
  const Verdict& verdict() const { return verdict_; }
  double peak() const { return watch_.peak(); }

 private:
  const std::vector<bench::Peer>& peers_;
  bench::Stopwatch watch_;
  bench::Report report_{"products", CTGRAD_BENCH_FLAGS, bench::vector_bits};
  Verdict verdict_;
};

void print_summary(const Table& table, bool compared) {
  const Verdict& found = table.verdict();
  std::printf(
      "products: %d bits, one core, peak %.1f GFLOP/s: of %d products %d are wrong, %d more than "
      "%g points below what is expected (worst %.1f), ",
      bench::vector_bits, table.peak() / 1e9, found.products, found.wrong, found.below_expected, points,
      found.worst_below);
  if (compared) {
    std::printf("%d more than %g behind OpenBLAS (worst %.1f)", found.behind_openblas, points,
                found.worst_behind);
  } else {
    std::printf("OpenBLAS is not there");
  }
  std::printf(": %s\n", found.met() ? "ok" : "MISSED");
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_products", [&] {
    std::string only;
    std::string json;
    CommandLine line("bench_products", "Times matrix products on one core beside OpenBLAS and oneDNN.");
    line.add("--only", only, "one configuration: toy, toy-1, seed, seed-32, small or base")
        .add("--json", json, "a file for the figures");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_configuration(only, configurations);
    bench::require_writable(json);

    const std::vector<bench::Peer> peers = bench::open_peers(bench::vector_bits);
    Table table(peers);
    std::printf("%s\n", table.report().where().c_str());
    for (const bench::Peer& peer : peers) std::printf("%s: %s\n", peer.name.c_str(), peer.details.c_str());
    std::printf(
        "per cent of the peak; rows x columns x inner; NN: Y = X W, NT: dX = dY W^T, TN: dW = X^T dY, +: "
        "added to what is there\n");
    for (const Configuration& configuration : configurations) {
      if (!only.empty() && only != configuration.name) continue;
      for (const bench::Product& product : configuration.products())
        table.measure(configuration.name, product);
    }
    if (!json.empty()) table.report().write(json, table.verdict().met());
    print_summary(table, peers[0].multiply != nullptr);
    return table.verdict().met() ? 0 : 1;
  });
}
