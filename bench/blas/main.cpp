// Times the products of the configurations' linear layers by our kernels and by the BLAS, samples in turns on
// one core, and says from which size on the BLAS pays.
#include "../../examples/support/command_line.hpp"
#include "../../examples/support/program.hpp"
#include "../products/contest.hpp"
#include "../support/options.hpp"
#include "../support/report.hpp"

#include <ctgrad/kernels/blas.hpp>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

/// OpenBLAS' own: the name of the processor whose kernels it took.
extern "C" __attribute__((weak)) char* openblas_get_corename();

namespace {

using ctgrad::Size;

struct Configuration {
  const char* name;
  std::span<const bench::Product> (*products)();
};

constexpr Configuration configurations[] = {
    {"toy", bench::products_of_toy},     {"toy-1", bench::products_of_toy_1},
    {"seed", bench::products_of_seed},   {"seed-32", bench::products_of_seed_32},
    {"small", bench::products_of_small}, {"base", bench::products_of_base},
};

/// A product that was timed.
struct Found {
  Size multiplications;
  double gain;  ///< our time over the BLAS'
};

/// What the BLAS does to products of a least size.
struct Outcome {
  Size least;
  int products = 0;
  double logarithms = 0;  ///< of the gains, summed up

  double mean_gain() const { return products == 0 ? 1 : std::exp(logarithms / products); }
};

Outcome outcome_from(Size least, const std::vector<Found>& found) {
  Outcome outcome{least};
  for (const Found& product : found) {
    if (product.multiplications < least) continue;
    ++outcome.products;
    outcome.logarithms += std::log(product.gain);
  }
  return outcome;
}

/// The least size that gains most; of no product where every one loses.
Outcome best(const std::vector<Found>& found) {
  Outcome best{std::numeric_limits<Size>::max()};
  for (const Found& product : found) {
    const Outcome outcome = outcome_from(product.multiplications, found);
    if (outcome.logarithms > best.logarithms) best = outcome;
  }
  return best;
}

/// Which BLAS this is. OpenBLAS takes kernels of the nineties for processors that are newer than itself.
std::string name_of_blas() {
  if (openblas_get_corename == nullptr) return "not OpenBLAS";
  return std::string("OpenBLAS, kernels for ") + openblas_get_corename() +
         " (OPENBLAS_CORETYPE names others: SkylakeX, Haswell)";
}

/// Times and prints a product.
Found measure(bench::Stopwatch& watch, const char* configuration, const bench::Product& product,
              const std::vector<bench::Peer>& blas, bench::Report& report, bool& right) {
  const bench::ContestResult result = bench::contest(watch, product, blas);
  const auto& s = product.shape;
  const Found found{s.rows * s.columns * s.inner, result.own.seconds / result.peers[0].seconds};
  char name[96];
  std::snprintf(name, sizeof name, "%-8s %-10s %-3s %5d x %5d x %5d", configuration, product.layer.name,
                letters(product.role), static_cast<int>(s.rows), static_cast<int>(s.columns),
                static_cast<int>(s.inner));
  std::printf("%s %10.2f million %10.2f us, BLAS %10.2f us: gain %5.2f%s%s\n", name,
              1e-6 * static_cast<double>(found.multiplications), 1e6 * result.own.seconds,
              1e6 * result.peers[0].seconds, found.gain,
              result.wrong.empty() ? "" : "  WRONG:", result.wrong.c_str());
  program::flush_output();
  report.add(name, {{"multiplications", static_cast<double>(found.multiplications)},
                    {"microseconds", 1e6 * result.own.seconds},
                    {"blas_microseconds", 1e6 * result.peers[0].seconds}});
  right = right && result.wrong.empty();
  return found;
}

/// Says from which size on the BLAS pays, and what the size does that the library is built with; whether that
/// one costs nothing.
bool conclude(const std::vector<Found>& found, const bench::Stopwatch& watch, bool right) {
  const Outcome most = best(found);
  const Outcome built = outcome_from(ctgrad::kernels::blas_least, found);
  const bool met = right && built.mean_gain() >= 1;
  if (most.products == 0) {
    std::printf("bench --blas: the BLAS pays at no size");
  } else {
    std::printf(
        "bench --blas: the BLAS pays from %lld multiplications on (gain %.3f over %d of %zu products)",
        static_cast<long long>(most.least), most.mean_gain(), most.products, found.size());
  }
  std::printf("; from blas_least = %lld on: gain %.3f over %d products (bar 1); peak %.1f GFLOP/s: %s\n",
              static_cast<long long>(built.least), built.mean_gain(), built.products, watch.peak() / 1e9,
              !right ? "WRONG"
              : met  ? "ok"
                     : "MISSED");
  return met;
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_blas", [&] {
    std::string only;
    std::string json;
    CommandLine line("bench_blas", "Times matrix products on one core by our kernels and by the BLAS.");
    line.add("--only", only, "one configuration: toy, toy-1, seed, seed-32, small or base")
        .add("--json", json, "a file for the figures");
    if (!line.parse(argc, argv)) return line.exit_code();
    bench::require_configuration(only, configurations);
    bench::require_writable(json);

    const std::vector<bench::Peer> blas{{"BLAS", "", ctgrad::kernels::blas_gemm<float>}};
    bench::Report report("blas", CTGRAD_BENCH_FLAGS, bench::vector_bits);
    std::printf("%s\nBLAS: %s\nrows x columns x inner, their product; gain: our time over the BLAS'\n",
                report.where().c_str(), name_of_blas().c_str());
    bench::Stopwatch watch;
    std::vector<Found> found;
    bool right = true;
    for (const Configuration& configuration : configurations) {
      if (!only.empty() && only != configuration.name) continue;
      for (const bench::Product& product : configuration.products()) {
        if (ctgrad::kernels::blas_fits(product.shape))
          found.push_back(measure(watch, configuration.name, product, blas, report, right));
      }
    }
    const bool met = conclude(found, watch, right);
    if (!json.empty()) report.write(json, met);
    return met ? 0 : 1;
  });
}
