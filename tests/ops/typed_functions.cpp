#include <support/catch.hpp>
#include <support/interpreter.hpp>
#include <support/operations.hpp>

#include <ctgrad/ops/diagonals.hpp>
#include <ctgrad/ops/einsum.hpp>

#include <cmath>
#include <limits>
#include <tuple>

/// Functions of typed tensors that no model here calls: their shapes, the order of their arguments and their
/// overloads for numbers, against plain loops.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The results of a function of tensors, traced here and interpreted; it gives a std::tuple.
template <class... Arguments, class F>
std::vector<Numbers> results(const F& f, const std::vector<Numbers>& inputs) {
  Graph graph;
  const std::tuple<Arguments...> arguments{Arguments{add_input(graph, Arguments::type)}...};
  std::apply([&](const auto&... result) { (graph.outputs.push_back(result.in(graph).id), ...); },
             std::apply(f, arguments));
  return interpret(graph, inputs);
}

/// f of every element.
template <class F>
Numbers each(const F& f, Numbers x) {
  for (double& element : x) element = f(element);
  return x;
}

/// f(x[i, j], row[j]).
template <class F>
Numbers each(const F& f, Numbers x, const Numbers& row) {
  for (std::size_t i = 0; i < x.shape(0); ++i) {
    for (std::size_t j = 0; j < x.shape(1); ++j) x(i, j) = f(x(i, j), row(j));
  }
  return x;
}

const Numbers x{{-2, 0.25, 3}, {1.5, -0.75, 0.5}};
const Numbers row{0.5, 0.25, 4};
using X = Tensor<2, 3>;
using Row = Tensor<3>;

/// What holds of two tensors, of a tensor and a number, and the other way round.
template <class F>
void check_comparison(const F& holds) {
  const auto found = results<X, Row>(
      [&](auto a, auto b) {
        return std::tuple{holds(a, b), holds(a, 0.5), holds(0.5, a)};
      },
      {x, row});
  const auto number = [&](double a, double b) { return holds(a, b) ? 1.0 : 0.0; };
  CHECK((found[0] == each(number, x, row)));
  CHECK((found[1] == each([&](double a) { return number(a, 0.5); }, x)));
  CHECK((found[2] == each([&](double a) { return number(0.5, a); }, x)));
}

double larger(double a, double b) { return a > b ? a : b; }
double smaller(double a, double b) { return a < b ? a : b; }

}  // namespace

TEST_CASE("maximum, minimum and clip take tensors that broadcast, and numbers on either side", "[ops]") {
  const auto found = results<X, Row>(
      [](auto a, auto b) {
        return std::tuple{maximum(a, b),   maximum(b, a),   minimum(a, b),   minimum(b, a),   maximum(a, 0.5),
                          maximum(0.5, a), minimum(a, 0.5), minimum(0.5, a), clip(a, -1, 0.4)};
      },
      {x, row});
  const Numbers largest = each(larger, x, row), least = each(smaller, x, row);
  const Numbers above = each([](double a) { return larger(a, 0.5); }, x);
  const Numbers below = each([](double a) { return smaller(a, 0.5); }, x);
  const Numbers within = each([](double a) { return a < -1 ? -1 : smaller(a, 0.4); }, x);
  CHECK((found == std::vector<Numbers>{largest, largest, least, least, above, above, below, below, within}));
}

TEST_CASE("a NaN on either side is the maximum, the minimum and what clip gives", "[ops]") {
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  const auto found = results<Tensor<2>, Tensor<2>>(
      [](auto a, auto b) {
        return std::tuple{maximum(a, b), minimum(a, b), clip(a, -1, 1)};
      },
      {{not_a_number, 1}, {2, not_a_number}});
  for (const Numbers& chosen : {found[0], found[1]}) {
    CHECK(std::isnan(chosen(0)));
    CHECK(std::isnan(chosen(1)));
  }
  CHECK(std::isnan(found[2](0)));
  CHECK(found[2](1) == 1);
}

TEST_CASE("abs, the error functions and silu keep the shape and take element by element", "[ops]") {
  const auto functions = [](auto a) { return std::tuple{abs(a), erf(a), erfc(a), silu(a)}; };
  const auto found = results<X>(functions, {x});
  CHECK((found[0] == each([](double a) { return a < 0 ? -a : a; }, x)));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double at = x.data()[i];
    INFO("at " << at);
    CHECK_THAT(found[1].data()[i], Catch::Matchers::WithinRel(std::erf(at), 1e-15));
    CHECK_THAT(found[2].data()[i], Catch::Matchers::WithinRel(std::erfc(at), 1e-15));
    CHECK_THAT(found[3].data()[i], Catch::Matchers::WithinRel(at / (1 + std::exp(-at)), 1e-15));
  }
  const auto far = results<Tensor<2>>(functions, {{-infinity, infinity}});
  CHECK((far == std::vector<Numbers>{{infinity, infinity}, {-1, 1}, {2, 0}, {0, infinity}}));
}

TEST_CASE("pow and atan2 take tensors that broadcast, and numbers on either side", "[ops]") {
  const auto found = results<X, Row>(
      [](auto a, auto b) {
        return std::tuple{pow(a, b), pow(2, a), pow(a, 2), atan2(a, b), atan2(a, -0.5), atan2(-0.5, a)};
      },
      {x, row});
  const std::vector<Numbers> expected{each([](double a, double b) { return std::pow(a, b); }, x, row),
                                      each([](double a) { return std::pow(2, a); }, x),
                                      each([](double a) { return a * a; }, x),
                                      each([](double a, double b) { return std::atan2(a, b); }, x, row),
                                      each([](double a) { return std::atan2(a, -0.5); }, x),
                                      each([](double a) { return std::atan2(-0.5, a); }, x)};
  CHECK(std::isnan(found[0](0, 0)));  // a root of -2
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (std::size_t k = i == 0 ? 1 : 0; k < x.size(); ++k) {
      INFO("function " << i << ", element " << k);
      const double wanted = expected[i].data()[k];
      if (!std::isnan(wanted)) CHECK_THAT(found[i].data()[k], Catch::Matchers::WithinRel(wanted, 1e-15));
    }
  }
}

TEST_CASE("norm takes any axes, all of them where none is given, and keeps them where asked", "[ops]") {
  const Numbers cube{{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}};
  const auto found = results<Tensor<2, 3, 2>>(
      [](auto a) {
        return std::tuple{norm(a), norm<-1>(a), norm<1>(a), norm<0, 2>(a, keep), norm(slice<0, 0, 0>(a))};
      },
      {cube});
  const auto has_shape = [&](std::size_t i, const Shape& shape) {
    return std::vector<std::size_t>(found[i].shape().begin(), found[i].shape().end()) == extents(shape);
  };
  CHECK(has_shape(0, shape_of()));
  CHECK_THAT(found[0](), Catch::Matchers::WithinRel(std::sqrt(650.0), 1e-15));
  CHECK(has_shape(1, shape_of(2, 3)));
  CHECK_THAT(found[1](1, 0), Catch::Matchers::WithinRel(std::sqrt(49.0 + 64), 1e-15));
  CHECK(has_shape(2, shape_of(2, 2)));
  CHECK_THAT(found[2](0, 1), Catch::Matchers::WithinRel(std::sqrt(4.0 + 16 + 36), 1e-15));
  CHECK(has_shape(3, shape_of(1, 3, 1)));
  CHECK_THAT(found[3](0, 2, 0), Catch::Matchers::WithinRel(std::sqrt(25.0 + 36 + 121 + 144), 1e-15));
  CHECK(found[4]() == 0);
}

TEST_CASE("tril and triu keep a triangle of every matrix, whatever lies outside of it", "[ops]") {
  const Numbers stack{{{1, infinity}, {-0.0, 2}}, {{3, 4}, {5, 6}}};
  const auto found = results<X, Tensor<2, 2, 2>>(
      [](auto a, auto b) {
        return std::tuple{tril(a),     triu(a),    tril<1>(a), triu<1>(a), tril<-1>(a),
                          triu<-1>(a), tril<9>(a), triu<9>(a), tril(b)};
      },
      {x, stack});
  const auto kept = [](auto holds) {
    Numbers result = x;
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 3; ++j) {
        if (!holds(i, j)) result(i, j) = 0;
      }
    }
    return result;
  };
  CHECK((found[0] == kept([](int i, int j) { return j <= i; })));
  CHECK((found[1] == kept([](int i, int j) { return j >= i; })));
  CHECK((found[2] == kept([](int i, int j) { return j <= i + 1; })));
  CHECK((found[3] == kept([](int i, int j) { return j >= i + 1; })));
  CHECK((found[4] == kept([](int i, int j) { return j <= i - 1; })));
  CHECK((found[5] == kept([](int i, int j) { return j >= i - 1; })));
  CHECK((found[6] == x));
  CHECK((found[7] == Numbers({2, 3}, 0.0)));
  const Numbers lower{{{1, 0}, {0, 2}}, {{3, 0}, {5, 6}}};
  CHECK((found[8] == lower));
  CHECK(std::signbit(found[8](0, 1, 0)));
}

TEST_CASE("diag puts a vector on a diagonal and takes it from there", "[ops]") {
  const auto found = results<X, Row>(
      [](auto a, auto b) {
        return std::tuple{diag(a), diag(b), diag(diag(b))};
      },
      {x, row});
  CHECK((found[0] == Numbers{x(0, 0), x(1, 1)}));
  CHECK((found[1] == Numbers{{0.5, 0, 0}, {0, 0.25, 0}, {0, 0, 4}}));
  CHECK((found[2] == row));
}

TEST_CASE("pick takes one element of every row by its id", "[ops]") {
  const Numbers ids{2, 0};
  const auto found = results<X, Index<2>, Row, Index<>>(
      [](auto rows, auto of_each, auto single, auto of_it) {
        return std::tuple{pick(rows, of_each), pick(single, of_it)};
      },
      {x, ids, row, Numbers(1.0)});
  CHECK((found[0] == Numbers{x(0, 2), x(1, 0)}));
  CHECK((found[1] == Numbers(row(1))));
}

TEST_CASE("scatter_add adds every row at its id, rows of equal ids together", "[ops]") {
  const Numbers rows{{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}};
  const Numbers ids{{3, 0, 3}, {1, 3, 0}};
  const auto found = results<Tensor<2, 3, 2>, Index<2, 3>>(
      [](auto r, auto i) { return std::tuple{scatter_add<4, 2>(r, i)}; }, {rows, ids});
  Numbers table({4, 2}, 0.0);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 2; ++k) table(static_cast<std::size_t>(ids(i, j)), k) += rows(i, j, k);
    }
  }
  CHECK((found[0] == table));
}

TEST_CASE("pad puts zeros in front of an axis and behind it, also of one that counts from the end", "[ops]") {
  const auto found = results<X>(
      [](auto a) {
        return std::tuple{pad<1, 2, 1>(a), pad<-2, 0, 2>(a), pad<0, 0, 0>(a)};
      },
      {x});
  Numbers wide({2, 6}, 0.0), tall({4, 3}, 0.0);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) wide(i, j + 2) = tall(i, j) = x(i, j);
  }
  CHECK((found == std::vector<Numbers>{wide, tall, x}));
}

TEST_CASE("comparisons take tensors that broadcast, and numbers on either side", "[ops]") {
  check_comparison([](auto a, auto b) { return a < b; });
  check_comparison([](auto a, auto b) { return a <= b; });
  check_comparison([](auto a, auto b) { return a > b; });
  check_comparison([](auto a, auto b) { return a >= b; });
  check_comparison([](auto a, auto b) { return a == b; });
  check_comparison([](auto a, auto b) { return a != b; });
}

TEST_CASE("masks are joined and negated element by element, and are numbers where asked", "[ops]") {
  const auto found = results<X, Row>(
      [](auto a, auto b) {
        const auto less = a < b, equal = a == b;
        return std::tuple{less | equal, less & !equal, !less, as_real(less)};
      },
      {x, row});
  const auto by_row = [](auto holds) { return each(holds, x, row); };
  CHECK((found[0] == by_row([](double a, double b) { return a <= b ? 1.0 : 0.0; })));
  CHECK((found[1] == by_row([](double a, double b) { return a < b ? 1.0 : 0.0; })));
  CHECK((found[2] == by_row([](double a, double b) { return a >= b ? 1.0 : 0.0; })));
  CHECK((found[3] == found[1]));
}

TEST_CASE("einsum multiplies along equal letters and sums over those that the result lacks", "[ops]") {
  const Numbers a{{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}};
  const Numbers b{{{0.5, -1}, {2, 0.25}}, {{-3, 1}, {4, 2}}};
  const auto found = results<Tensor<2, 3, 2>, Tensor<2, 2, 2>>(
      [](auto left, auto right) {
        return std::tuple{einsum<"bij,bjk->bik">(left, right),
                          einsum<"bij,bjk->kib">(left, right),
                          einsum<"aij,bjk->ia">(left, right),
                          einsum<"bij,bij->">(left, left),
                          einsum<"ijk->kj">(left),
                          einsum<"aij,bkl->b">(left, right)};
      },
      {a, b});
  Numbers products({2, 3, 2}, 0.0), turned({2, 3, 2}, 0.0), sums({3, 2}, 0.0), columns({2, 3}, 0.0);
  Numbers totals({2}, 0.0), squares(std::vector<std::size_t>{}, 0.0);
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 2; ++j) {
        for (std::size_t k = 0; k < 2; ++k) {
          products(n, i, k) += a(n, i, j) * b(n, j, k);
          turned(k, i, n) += a(n, i, j) * b(n, j, k);
          for (std::size_t m = 0; m < 2; ++m) {
            sums(i, n) += a(n, i, j) * b(m, j, k);
            for (std::size_t l = 0; l < 2; ++l) totals(m) += a(n, i, j) * b(m, k, l);
          }
        }
        squares() += a(n, i, j) * a(n, i, j);
        columns(j, i) += a(n, i, j);
      }
    }
  }
  CHECK((found == std::vector<Numbers>{products, turned, sums, squares, columns, totals}));
}

}  // namespace ctgrad::test
