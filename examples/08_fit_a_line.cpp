// A line through points, twice: by gradient descent on a model of two numbers, and by one step of Newton's
// method.
#include <ctgrad/ctgrad.hpp>

#include <iostream>
namespace cg = ctgrad;

// slope x + offset, both 0 at first
struct Line {
  BOOST_HANA_DEFINE_STRUCT(Line,
    (cg::Parameter<cg::init::zeros>, slope),
    (cg::Parameter<cg::init::zeros>, offset));

  constexpr auto operator()(auto x) const { return slope * x + offset; }
};
constexpr auto loss = [](const auto& line, auto x, auto y) { return cg::mean(cg::square(line(x) - y)); };

// The same loss as a function of one array, [slope, offset].
constexpr auto loss_of_numbers = [](auto numbers, auto x, auto y) {
  return cg::mean(cg::square(cg::slice<0, 0, 1>(numbers) * x + cg::slice<0, 1, 2>(numbers) - y));
};

int main() {
  using Points = cg::Tensor<5>;
  using Numbers = xt::xtensor<double, 1>;
  const Numbers x = {0, 1, 2, 3, 4}, y = {1.1, 2.9, 5.2, 6.8, 9.0};

  cg::Parameters<Line, double> line{cg::Seed{1}};
  cg::DoubleProgram<cg::value_and_grad(loss), Line, Points, Points> step;
  cg::Sgd sgd{line, {.learning_rate = 0.1}};
  for (int i = 0; i < 200; ++i) sgd.update(line, step(line, x, y));
  std::cout << "gradient descent: slope " << line["slope"]() << ", offset " << line["offset"]() << '\n';

  cg::DoubleProgram<cg::grad(loss_of_numbers), cg::Tensor<2>, Points, Points> gradient;
  cg::DoubleProgram<cg::hessian(loss_of_numbers), cg::Tensor<2>, Points, Points> hessian;
  const Numbers start = {0, 0};
  const auto g = gradient(start, x, y);
  const auto h = hessian(start, x, y);
  const double determinant = h(0, 0) * h(1, 1) - h(0, 1) * h(1, 0);
  std::cout << "one Newton step:  slope " << (h(0, 1) * g(1) - h(1, 1) * g(0)) / determinant << ", offset "
            << (h(1, 0) * g(0) - h(0, 0) * g(1)) / determinant << '\n';
}
