// Derivatives of small functions: functions in, functions out, in any order and mode.
#include <ctgrad/ctgrad.hpp>

#include "support/program.hpp"

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

using Row = xt::xtensor<double, 1>;

void print(const char* name, const Row& row) {
  std::printf("%-42s", name);
  for (const double number : row) std::printf(" %9.6f", number);
  std::printf("\n");
}

/// Prints what a program gave and what it should be; whether they are equal but for rounding.
bool agree(const char* name, const Row& row, const char* formula, const Row& by_hand) {
  print(name, row);
  print(formula, by_hand);
  bool equal = row.size() == by_hand.size();
  for (std::size_t i = 0; equal && i < row.size(); ++i)
    equal = std::abs(row(i) - by_hand(i)) <= 1e-12 * (1 + std::abs(by_hand(i)));
  return equal;
}

}  // namespace

int main() {
  return program::run("02_gradients", [] {
    const Row x = {-0.5, 0.3, 2.0};
    const Row v = {1.0, 0.0, -1.0};

    cg::DoubleProgram<cg::value_and_grad(f), cg::Tensor<3>> gradient;         // reverse mode
    cg::DoubleProgram<cg::jvp(f), cg::Tensor<3>, cg::Tensor<3>> directional;  // forward mode
    cg::DoubleProgram<cg::jvp(cg::grad(f)), cg::Tensor<3>, cg::Tensor<3>>
        hessian_times_vector;  // forward over reverse

    const auto [value, slopes] = gradient(x);
    const Row t = xt::tanh(x), slopes_by_hand = t + x * (1 - t * t);
    print("f(x) = sum(x tanh(x))", {value});
    bool right = agree("its gradient", slopes, "by hand: tanh x + x (1 - tanh^2 x)", slopes_by_hand);
    right &= agree("along v, forward mode", {directional(x, v).tangent},
                   "by hand: the gradient times v, summed", {slopes_by_hand(0) - slopes_by_hand(2)});
    right &= agree("Hessian times v", hessian_times_vector(x, v).tangent,
                   "by hand: 2 (1 - tanh^2 x) (1 - x tanh x) v", 2 * (1 - t * t) * (1 - x * t) * v);

    // Several arguments: their gradients come as a tuple. A second derivative is a gradient of a gradient.
    cg::DoubleProgram<cg::grad<0, 1>(valley), cg::Tensor<>, cg::Tensor<>> both;
    cg::DoubleProgram<cg::grad(cg::grad(valley)), cg::Tensor<>, cg::Tensor<>> second;
    const auto [dx, dy] = both(-1.0, 2.0);
    std::printf("\nRosenbrock's valley at (-1, 2): slopes along x and y, second derivative along x\n");
    right &= agree("", {dx, dy, second(-1.0, 2.0)}, "by hand", {396, 200, 402});

    std::printf("\nthe graph of f's value and gradient\n%s", cg::table(gradient).c_str());
    std::printf("\nderivatives: %s\n", right ? "as worked out by hand" : "NOT as worked out by hand");
    return right ? 0 : 1;
  });
}
