#include <support/catch.hpp>
#include <support/run_machine.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/nn/linear.hpp>
#include <ctgrad/ops/activations.hpp>
#include <ctgrad/ops/einsum.hpp>
#include <ctgrad/runtime/random.hpp>
#include <ctgrad/runtime/trace.hpp>

#include <cmath>
#include <cstdio>
#include <limits>

#include <xtensor-blas/xlinalg.hpp>
#include <xtensor/xview.hpp>

/// Compiled products against xt::linalg::dot in double: a BLAS, whose loops are none of ours.
namespace ctgrad::test {

namespace {

/// A stack of products [rows, inner] [inner, columns].
struct Extents {
  Size stack, rows, columns, inner;
};

/// Single numbers, rows and columns, sizes around those of tiles and vectors, and odd ones on all sides of
/// them.
constexpr Extents products[] = {{1, 1, 1, 1},    {1, 1, 33, 20},  {1, 29, 1, 17},  {1, 8, 16, 32},
                                {1, 14, 32, 48}, {1, 13, 31, 47}, {1, 17, 65, 19}, {1, 43, 27, 130},
                                {3, 5, 9, 7},    {2, 40, 24, 16}, {1, 65, 50, 300}};

constexpr Type matrices(Size stack, Size rows, Size columns) {
  return {Kind::real, stack == 1 ? shape_of(rows, columns) : shape_of(stack, rows, columns)};
}

/// Each of `products` with its operands as they are and stored transposed, in all four ways.
struct AllProducts {
  static constexpr Graph make() {
    Graph graph;
    const auto add_input = [&graph](const Type& type) {
      const Value value = ops::input(graph, type);
      graph.inputs.push_back(value.id);
      return value;
    };
    for (const Extents& e : products) {
      const Value left[] = {add_input(matrices(e.stack, e.rows, e.inner)),
                            add_input(matrices(e.stack, e.inner, e.rows))};
      const Value right[] = {add_input(matrices(e.stack, e.inner, e.columns)),
                             add_input(matrices(e.stack, e.columns, e.inner))};
      for (const int l : {0, 1}) {
        for (const int r : {0, 1}) graph.outputs.push_back(ops::matmul(left[l], right[r], l == 1, r == 1).id);
      }
    }
    return passes::optimize(graph);
  }
};

/// Numbers of (-1, 1) that a program in `Scalar` holds as they are.
template <class Scalar>
Numbers draw(Random& random, const Shape& shape) {
  Numbers numbers(extents(shape));
  for (double& x : numbers) x = static_cast<double>(static_cast<Scalar>(2 * random.uniform() - 1));
  return numbers;
}

template <class Scalar, class Tag>
std::vector<Numbers> draw_inputs(const runtime::Machine<Scalar, Tag>& machine) {
  Random random{Seed{seed()}};
  std::vector<Numbers> inputs;
  for (const Type& type : machine.input_types) inputs.push_back(draw<Scalar>(random, type.shape));
  return inputs;
}

/// A product and the product of the magnitudes, which is what its rounding errors are in proportion to.
struct Expected {
  Numbers product;
  Numbers magnitude;
};

Expected dot(const Numbers& a, const Numbers& b) {
  const Numbers sizes_a = xt::abs(a);
  const Numbers sizes_b = xt::abs(b);
  return {xt::linalg::dot(a, b), xt::linalg::dot(sizes_a, sizes_b)};
}

Numbers transposed(const Numbers& matrix) { return xt::transpose(matrix); }
Numbers with_shape(Numbers numbers, const std::vector<std::size_t>& shape) { return numbers.reshape(shape); }

/// The largest error of these elements in units of eps (|expected| + magnitude), where the bar is 5.
template <class Scalar>
double error(const Numbers& got, const Expected& expected) {
  constexpr double eps = static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  if (got.size() != expected.product.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double scale = std::abs(expected.product.data()[i]) + expected.magnitude.data()[i];
    const double found = std::abs(got.data()[i] - expected.product.data()[i]) / (eps * scale);
    largest = std::isnan(found) ? std::numeric_limits<double>::infinity() : std::max(largest, found);
  }
  return largest;
}

constexpr double bar = 5;

template <class Scalar>
void check_products(const char* scalar) {
  const auto machine = std::make_unique<runtime::Machine<Scalar, AllProducts>>();
  const std::vector<Numbers> inputs = draw_inputs(*machine);
  const std::vector<Numbers> outputs = run(*machine, inputs);
  double largest = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Extents& e = products[i / 4];
    const bool left = i % 4 / 2 == 1;
    const bool right = i % 2 == 1;
    INFO(e.stack << " x " << e.rows << " x " << e.columns << " x " << e.inner << ", transposed: " << left
                 << right);
    const auto matrix = [&](const Numbers& stack, std::size_t at, bool transpose) -> Numbers {
      if (stack.dimension() == 2) return transpose ? transposed(stack) : stack;
      const Numbers one = xt::view(stack, at);
      return transpose ? transposed(one) : one;
    };
    for (std::size_t at = 0; at < static_cast<std::size_t>(e.stack); ++at) {
      const double found = error<Scalar>(matrix(outputs[i], at, false),
                                         dot(matrix(inputs[i / 4 * 4 + (left ? 1 : 0)], at, left),
                                             matrix(inputs[i / 4 * 4 + (right ? 3 : 2)], at, right)));
      CHECK(found <= bar);
      largest = std::max(largest, found);
    }
  }
  std::printf("figure: products against xt::linalg::dot in %s: %zu, error %.2f eps (bar %g)\n", scalar,
              outputs.size(), largest, bar);
}

/// a [3, 5, 7], b [3, 7, 4], m [7, 9], rows [9, 5], x [5], y [9].
constexpr auto contractions = [](auto a, auto b, auto m, auto n, auto x, auto y) {
  return std::tuple{einsum<"bij,bjk->bik">(a, b), einsum<"bij,jk->bik">(a, m), einsum<"ij,ki->jk">(m, n),
                    einsum<"bij,cij->bc">(a, a),  einsum<"i,j->ij">(x, y),     einsum<"ij,j->i">(m, y)};
};

template <class Scalar>
void check_contractions() {
  using Tag = runtime::Trace<contractions, Tensor<3, 5, 7>, Tensor<3, 7, 4>, Tensor<7, 9>, Tensor<4, 7>,
                             Tensor<5>, Tensor<9>>;
  runtime::Machine<Scalar, Tag> machine;
  const std::vector<Numbers> in = draw_inputs(machine);
  const std::vector<Numbers> out = run(machine, in);
  const Numbers &a = in[0], &b = in[1], &m = in[2], &n = in[3], &x = in[4], &y = in[5];
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(error<Scalar>(xt::view(out[0], i), dot(xt::view(a, i), xt::view(b, i))) <= bar);
  }
  CHECK(error<Scalar>(out[1], dot(with_shape(a, {15, 7}), m)) <= bar);
  CHECK(error<Scalar>(out[2], dot(transposed(m), transposed(n))) <= bar);
  const Numbers flat = with_shape(a, {3, 35});
  CHECK(error<Scalar>(out[3], dot(flat, transposed(flat))) <= bar);
  CHECK(error<Scalar>(out[4], dot(with_shape(x, {5, 1}), with_shape(y, {1, 9}))) <= bar);
  CHECK(error<Scalar>(out[5], dot(m, y)) <= bar);
}

/// The value of a linear layer, and what comes back for cotangents c: c Wt for x, xt c for W, the sums of c's
/// columns for the bias.
constexpr auto layer_and_gradients = [](auto layer, auto x, auto c) {
  const auto score = [](auto l, auto inputs, auto weights) { return sum(l(inputs) * weights); };
  return std::tuple{layer(x), grad<0, 1>(score)(layer, x, c)};
};

template <class Scalar>
void check_linear() {
  constexpr Size rows = 37, inputs = 33, outputs = 50;
  using Tag = runtime::Trace<layer_and_gradients, nn::Linear<inputs, outputs>, Tensor<rows, inputs>,
                             Tensor<rows, outputs>>;
  runtime::Machine<Scalar, Tag> machine;
  const std::vector<Numbers> in = draw_inputs(machine);
  const std::vector<Numbers> out = run(machine, in);
  const Numbers &weight = in[0], &bias = in[1], &x = in[2], &c = in[3];
  REQUIRE(out.size() == 4);
  Expected value = dot(x, weight);
  value.product += bias;
  value.magnitude += xt::abs(bias);
  CHECK(error<Scalar>(out[0], value) <= bar);
  CHECK(error<Scalar>(out[1], dot(transposed(x), c)) <= bar);
  CHECK(error<Scalar>(out[2], dot(xt::ones<double>({1, static_cast<int>(rows)}), c)) <= bar);
  CHECK(error<Scalar>(out[3], dot(c, transposed(weight))) <= bar);
}

}  // namespace

TEST_CASE("products are those of a BLAS, transposed in all ways, at odd sizes and in stacks", "[matmul]") {
  check_products<float>("float");
  check_products<double>("double");
}

TEST_CASE("contractions are those of a BLAS", "[matmul]") {
  check_contractions<float>();
  check_contractions<double>();
}

TEST_CASE("a linear layer and its gradients are those of a BLAS", "[matmul]") {
  check_linear<float>();
  check_linear<double>();
}

}  // namespace ctgrad::test
