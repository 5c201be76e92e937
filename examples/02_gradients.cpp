// Derivatives of small functions: functions in, functions out, in any order and mode.
#include <ctgrad/ctgrad.hpp>

#include <cmath>
#include <cstdio>

namespace cg = ctgrad;

namespace {

// f(x) = sum(x tanh(x)), so f' = tanh(x) + x (1 - tanh(x)^2)
constexpr auto f = [](auto x) { return cg::sum(cg::tanh(x) * x); };

// Rosenbrock's valley: (1 - x)^2 + 100 (y - x^2)^2, least at (1, 1)
constexpr auto valley = [](auto x, auto y) {
  return cg::square(1 - x) + 100 * cg::square(y - cg::square(x));
};

void print(const char* name, const auto& row) {
  std::printf("%-34s", name);
  for (const double number : row) std::printf(" %9.6f", number);
  std::printf("\n");
}

}  // namespace

int main() {
  const xt::xtensor<double, 1> x = {-0.5, 0.3, 2.0};
  const xt::xtensor<double, 1> v = {1.0, 0.0, -1.0};

  cg::DoubleProgram<cg::value_and_grad(f), cg::Tensor<3>> gradient;         // reverse mode
  cg::DoubleProgram<cg::jvp(f), cg::Tensor<3>, cg::Tensor<3>> directional;  // forward mode
  cg::DoubleProgram<cg::jvp(cg::grad(f)), cg::Tensor<3>, cg::Tensor<3>>
      hessian_times_vector;  // forward over reverse

  const auto [value, slopes] = gradient(x);
  std::printf("f(x) = sum(x tanh(x))               %9.6f\n", value);
  print("its gradient", slopes);
  print("by hand: tanh x + x (1 - tanh^2 x)",
        xt::xtensor<double, 1>(xt::tanh(x) + x * (1 - xt::square(xt::tanh(x)))));
  std::printf("along v, forward mode               %9.6f\n", directional(x, v).tangent);
  print("Hessian times v", hessian_times_vector(x, v).tangent);

  // Several arguments: their gradients come as a tuple. A second derivative is a gradient of a gradient.
  cg::DoubleProgram<cg::grad<0, 1>(valley), cg::Tensor<>, cg::Tensor<>> both;
  cg::DoubleProgram<cg::grad(cg::grad(valley)), cg::Tensor<>, cg::Tensor<>> second;
  const auto [dx, dy] = both(-1.0, 2.0);
  std::printf("\nRosenbrock's valley at (-1, 2): slopes %g and %g, second derivative along x %g\n", dx, dy,
              second(-1.0, 2.0));

  std::printf("\nthe graph of f's value and gradient\n%s", cg::table(gradient).c_str());
}
