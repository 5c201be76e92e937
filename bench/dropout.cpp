// Times random masks, and attention's forward and backward without dropout, with it, and with it unfused, on
// one core from one run: the least of many runs.
#include <ctgrad/ctgrad.hpp>

#include "../examples/support/program.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace cg = ctgrad;

namespace {

template <class Function>
double least_seconds(int runs, const Function& function) {
  double least = 1e9;
  for (int run = 0; run < runs; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    function();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    least = std::min(least, seconds.count());
  }
  return least;
}

template <cg::Size... D>
void time_mask() {
  constexpr auto mask = [](auto key) { return cg::keep_mask<D...>(0.1, key); };
  cg::Program<mask, cg::Key> program;
  const double seconds = least_seconds(200, [&] { program.run(cg::random_key(cg::Seed{1}, 2)); });
  constexpr cg::Shape shape = cg::shape_of(D...);
  std::printf("mask %-16s %6.2f ns an element\n", cg::to_string(shape).c_str(),
              seconds * 1e9 / static_cast<double>(shape.size()));
}

using X = cg::Tensor<2, 256, 16>;

constexpr auto plain = cg::value_and_grad<0, 1, 2>(
    [](auto q, auto k, auto v, auto) { return sum(square(cg::attention(q, k, v))); });
constexpr auto dropped = cg::value_and_grad<0, 1, 2>(
    [](auto q, auto k, auto v, auto key) { return sum(square(cg::attention(q, k, v, 0.1, key))); });

template <auto F>
double time_attention() {
  cg::Program<F, X, X, X, cg::Key> program;
  xt::xtensor<float, 3> x = xt::zeros<float>({2, 256, 16});
  cg::Random random(cg::Seed{1});
  for (float& number : x) number = static_cast<float>(random.normal());
  return 1e3 * least_seconds(100, [&] { program.run(x, x, x, cg::random_key(cg::Seed{1}, 2)); });
}

}  // namespace

int main() {
  return program::run("bench_dropout", [] {
    time_mask<32, 128, 32>();
    time_mask<32, 12, 12>();
    time_mask<32, 64, 97>();
    time_mask<131072>();
    const double without = time_attention<plain>();
    const double fused = time_attention<dropped>();
    const double unfused = time_attention<cg::optimize<cg::Optimize{.attention = false}>(dropped)>();
    std::printf(
        "attention [2, 256, 16], forward and backward: %.3f ms, with dropout %.3f ms, unfused %.3f ms\n",
        without, fused, unfused);
    std::printf("figure: dropout on attention's weights: %.2f times attention without, %.2f times unfused\n",
                fused / without, fused / unfused);
    return 0;
  });
}
