// The gradient of sum(tanh(x) x) with an installed ctgrad, against the formula: tanh x + x (1 - tanh^2 x).
#include <ctgrad/ctgrad.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>

namespace cg = ctgrad;

namespace {

constexpr auto f = [](auto x) { return cg::sum(cg::tanh(x) * x); };

}  // namespace

int main() {
  const xt::xtensor<double, 1> x = {-0.5, 0.3, 2.0};
  cg::DoubleProgram<cg::grad(f), cg::Tensor<3>> gradient;
  const auto& slopes = gradient(x);
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double tanh = std::tanh(x(i));
    largest = std::fmax(largest, std::abs(slopes(i) - (tanh + x(i) * (1 - tanh * tanh))));
  }
  std::printf("figure: install gradient error=%.1e (bar 1e-14)\n", largest);
  return largest <= 1e-14 ? 0 : 1;
}
