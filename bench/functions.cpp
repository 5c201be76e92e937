// Times the functions of one number, ours beside the standard library's, in float and double: nanoseconds an
// element of an array that fits into the first-level cache, the least of many runs, on one core.
#include <ctgrad/kernels/erf.hpp>
#include <ctgrad/kernels/hyperbolic.hpp>
#include <ctgrad/kernels/log.hpp>

#include "../examples/support/program.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

namespace kernels = ctgrad::kernels;

namespace {

constexpr std::size_t count = 2048;
constexpr int runs = 2000;

template <class T, class Function>
CTGRAD_NOINLINE void apply(T* __restrict y, const T* __restrict x, Function function) {
  CTGRAD_INDEPENDENT
  for (std::size_t i = 0; i < count; ++i) y[i] = function(x[i]);
}

/// The least nanoseconds an element that a function takes, of points at equal distances.
template <class T, class Function>
double nanoseconds(double first, double last, Function function) {
  std::vector<T> x(count), y(count);
  for (std::size_t i = 0; i < count; ++i)
    x[i] = static_cast<T>(first + (last - first) * static_cast<double>(i) / count);
  double least = 1e9;
  for (int run = 0; run < runs; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    apply(y.data(), x.data(), function);
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    least = std::min(least, time.count());
  }
  return least / count;
}

/// The product of all gains so far, and how many they are.
struct Gains {
  double logarithms = 0;
  int count = 0;
};

template <class Ours, class Theirs>
void compare(Gains& gains, const char* name, double first, double last, Ours ours, Theirs theirs) {
  const double found[] = {nanoseconds<float>(first, last, ours), nanoseconds<float>(first, last, theirs),
                          nanoseconds<double>(first, last, ours), nanoseconds<double>(first, last, theirs)};
  std::printf("%-18s %9.3f %9.3f %6.1f %9.3f %9.3f %6.1f\n", name, found[0], found[1], found[1] / found[0],
              found[2], found[3], found[3] / found[2]);
  gains.logarithms += std::log(found[1] / found[0]) + std::log(found[3] / found[2]);
  gains.count += 2;
}

/// Ours of a name beside the standard library's.
#define CTGRAD_COMPARE(name, first, last)                                                \
  compare(                                                                               \
      gains, #name, first, last, [](auto x) CTGRAD_INLINED { return kernels::name(x); }, \
      [](auto x) { return std::name(x); })

}  // namespace

int main() {
  return program::run("bench_functions", [] {
    Gains gains;
    std::printf("%-18s %9s %9s %6s %9s %9s %6s\n", "ns an element", "float", "std", "gain", "double", "std",
                "gain");
    CTGRAD_COMPARE(exp, -80, 80);
    compare(
        gains, "exp_nonpositive", -80, 0, [](auto x) CTGRAD_INLINED { return kernels::exp_nonpositive(x); },
        [](auto x) { return std::exp(x); });
    CTGRAD_COMPARE(expm1, -20, 20);
    CTGRAD_COMPARE(sinh, -20, 20);
    CTGRAD_COMPARE(cosh, -20, 20);
    CTGRAD_COMPARE(tanh, -8, 8);
    compare(
        gains, "sigmoid", -20, 20, [](auto x) CTGRAD_INLINED { return kernels::sigmoid(x); },
        [](auto x) { return 1 / (1 + std::exp(-x)); });
    CTGRAD_COMPARE(log, 0.001, 100);
    CTGRAD_COMPARE(log1p, -0.9, 10);
    compare(
        gains, "log1mexp", 0.01, 20, [](auto x) CTGRAD_INLINED { return kernels::log1mexp(x); },
        [](auto x) { return x < decltype(x)(0.7) ? std::log(-std::expm1(-x)) : std::log1p(-std::exp(-x)); });
    compare(
        gains, "softplus", -20, 20, [](auto x) CTGRAD_INLINED { return kernels::softplus(x); },
        [](auto x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); });
    CTGRAD_COMPARE(erf, -4, 4);
    CTGRAD_COMPARE(erfc, -4, 8);
    compare(
        gains, "normal_cumulative", -6, 6,
        [](auto x) CTGRAD_INLINED { return kernels::normal_cumulative(x); },
        [](auto x) { return std::erfc(x * decltype(x)(-0.7071067811865476)) / 2; });
    std::printf(
        "figure: functions of one number take 1/%.1f of the standard library's time (geometric mean)\n",
        std::exp(gains.logarithms / gains.count));
    return 0;
  });
}
