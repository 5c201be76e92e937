// The gradient of sum(tanh(x w) x) with an installed ctgrad, w being the identity, against the formula:
// tanh x + x (1 - tanh^2 x).
#include <ctgrad/ctgrad.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>

namespace cg = ctgrad;

namespace {

constexpr cg::Size width = 64;
constexpr auto f = [](auto x, auto w) { return cg::sum(cg::tanh(cg::matmul(x, w)) * x); };

}  // namespace

int main() {
  xt::xtensor<double, 2> x({width, width}), identity({width, width}, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::cos(static_cast<double>(i));
  for (std::size_t i = 0; i < width; ++i) identity(i, i) = 1;
  cg::DoubleProgram<cg::grad(f), cg::Tensor<width, width>, cg::Tensor<width, width>> gradient;
  const auto& slopes = gradient(x, identity);
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double tanh = std::tanh(x.data()[i]);
    largest = std::fmax(largest, std::abs(slopes.data()[i] - (tanh + x.data()[i] * (1 - tanh * tanh))));
  }
  std::printf("figure: install gradient error=%.1e (bar 1e-14)\n", largest);
  return largest <= 1e-14 ? 0 : 1;
}
