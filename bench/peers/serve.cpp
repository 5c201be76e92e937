#include "../../examples/support/program.hpp"
#include "worker.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

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

float loss_after(bench::Worker& worker, std::size_t steps) {
  float loss = 0;
  for (std::size_t i = 0; i < steps; ++i) loss = worker.step();
  return loss;
}

/// Carries out one line and gives its answer.
double answer(bench::Worker& worker, const std::string& line) {
  std::istringstream words(line);
  std::string command, rest, call;
  words >> command >> std::ws;
  if (command == "forward") return static_cast<double>(worker.forward());
  if (command == "gradients") {
    std::getline(words, rest);
    return static_cast<double>(worker.write_gradients(rest));
  }
  if (command == "time") words >> call;
  std::size_t count = 0;
  if (words >> count && count > 0) {
    worker.reset();
    if (command == "train") return static_cast<double>(loss_after(worker, count));
    if (call == "forward") return median_milliseconds(count, [&] { worker.forward(); });
    if (call == "step") return median_milliseconds(count, [&] { worker.step(); });
  }
  throw std::invalid_argument("no such line is answered: " + line);
}

}  // namespace

void bench::serve(Worker& worker, const std::string& version) {
  std::printf("ready %s\n", version.c_str());
  program::flush_output();
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("%.9g\n", answer(worker, line));
    program::flush_output();
  }
}
