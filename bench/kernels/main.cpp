// Times kernels that are no matrix products beside what bounds them, by Google Benchmark.
#include "../support/peak.hpp"
#include "../support/report.hpp"
#include "kernel.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  // In front of the user's arguments, of which the last one counts.
  std::string shortest = "--benchmark_min_time=.05";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, shortest.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  const bench::Report report("kernels", CTGRAD_BENCH_FLAGS, bench::vector_bits);
  std::printf(
      "%s\n%%ceiling: a pass that reads and writes as many bytes, half of them each, or the products at the "
      "peak takes so much "
      "of the time\n",
      report.where().c_str());
  bench::add_row_kernels();
  bench::add_elementwise_kernels();
  bench::add_embedding_kernels();
  bench::add_training_kernels();
  const std::size_t timed = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  std::printf("kernels: %zu timed\n", timed);
  return timed == 0 ? 2 : 0;
}
