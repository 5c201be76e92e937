// ctgrad's worker in the comparison with other frameworks, which bench/peers/compare.py starts and asks.
#include "../../examples/support/program.hpp"
#include "worker.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

#if defined(__clang__)
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

#if defined(__AVX512F__)
constexpr int vector_bits = 512;
#elif defined(__AVX__)
constexpr int vector_bits = 256;
#else
constexpr int vector_bits = 128;
#endif

struct Configuration {
  std::string_view name;
  std::unique_ptr<bench::Worker> (*worker)();
};

constexpr Configuration configurations[] = {
    {"toy", bench::work_on_toy},         {"toy-1", bench::work_on_toy_1}, {"seed", bench::work_on_seed},
    {"seed-32", bench::work_on_seed_32}, {"small", bench::work_on_small}, {"base", bench::work_on_base},
};

std::unique_ptr<bench::Worker> worker_of(std::string_view name) {
  for (const Configuration& configuration : configurations) {
    if (configuration.name == name) return configuration.worker();
  }
  throw std::invalid_argument("no configuration is called '" + std::string(name) + "'");
}

/// The median of the milliseconds that so many calls take, behind one that is not timed.
template <class Call>
double median_milliseconds(std::size_t count, Call call) {
  call();
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = Clock::now();
    call();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// Carries out one line and gives its answer.
double answer(bench::Worker& worker, const std::string& line) {
  std::istringstream words(line);
  std::string command;
  words >> command;
  if (command == "gradients") {
    std::filesystem::path file;
    words >> file;
    return static_cast<double>(worker.write_gradients(file));
  }
  if (command == "forward") return static_cast<double>(worker.forward());
  std::string what = command;
  if (command == "time") words >> what;
  std::size_t count = 0;
  words >> count;
  if (count == 0) throw std::invalid_argument("a number of runs is missing: " + line);
  worker.reset();
  if (command == "time" && what == "forward") return median_milliseconds(count, [&] { worker.forward(); });
  if (command == "time" && what == "step") return median_milliseconds(count, [&] { worker.step(); });
  if (command != "train") throw std::invalid_argument("no such command: " + line);
  float loss = 0;
  for (std::size_t i = 0; i < count; ++i) loss = worker.step();
  return static_cast<double>(loss);
}

/// Answers every line on standard input with one on standard output.
void serve(bench::Worker& worker) {
  std::printf("ready %s, %d-bit vectors\n", compiler, vector_bits);
  program::flush_output();
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("%.9g\n", answer(worker, line));
    program::flush_output();
  }
}

}  // namespace

int main(int argc, char** argv) {
  return program::run("bench_peers", [&] {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 3 || (arguments[0] != "write" && arguments[0] != "serve")) {
      std::fputs("usage: bench_peers write|serve CONFIGURATION FILE\n", stderr);
      return 2;
    }
    const auto worker = worker_of(arguments[1]);
    if (arguments[0] == "write") {
      worker->write(arguments[2]);
    } else {
      worker->load(arguments[2]);
      serve(*worker);
    }
    return 0;
  });
}
