#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <limits>

/// Ids are checked in the memory where they are read, and before any result has changed.
namespace {

using namespace ctgrad;

using Ids = xt::xtensor<std::int32_t, 2>;

/// A table of which row r, column c of sample s is 100 s + 10 r + c.
template <std::size_t Samples, std::size_t Rows>
xt::xtensor<double, 3> tables() {
  xt::xtensor<double, 3> table = xt::zeros<double>({Samples, Rows, std::size_t{2}});
  for (std::size_t s = 0; s < Samples; ++s) {
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t c = 0; c < 2; ++c) table(s, r, c) = static_cast<double>(100 * s + 10 * r + c);
    }
  }
  return table;
}

}  // namespace

TEST_CASE("ids of several tables a sample are each checked against their own") {
  constexpr auto rows = [](auto large, auto small, auto i, auto j) {
    return std::tuple{embedding(large, i), embedding(small, j)};
  };
  DoubleProgram<vmap<0, 1>(rows), Tensor<3, 9, 2>, Tensor<3, 4, 2>, Index<5>, Index<5>> program;
  const auto large = tables<3, 9>(), small = tables<3, 4>();
  xt::xtensor<std::int32_t, 1> i = {8, 7, 6, 5, 4}, j = {3, 3, 2, 1, 0};
  const auto [from_large, from_small] = program(large, small, i, j);
  for (std::size_t s = 0; s < 3; ++s) {
    for (std::size_t k = 0; k < 5; ++k) {
      CHECK(from_large(s, k, 1) == large(s, static_cast<std::size_t>(i(k)), 1));
      CHECK(from_small(s, k, 1) == small(s, static_cast<std::size_t>(j(k)), 1));
    }
  }
  i(2) = 9;
  CHECK_THROWS_WITH(program(large, small, i, j), test::contains(" = 9 is not in [0, 9)"));
  i(2) = 3;
  j(4) = 4;
  CHECK_THROWS_WITH(program(large, small, i, j), test::contains(" = 4 is not in [0, 4)"));
  j(4) = std::numeric_limits<std::int32_t>::max();
  CHECK_THROWS_AS(program(large, small, i, j), std::out_of_range);
}

TEST_CASE("integers that are results, too, are as they were when an id is refused") {
  constexpr auto both = [](auto table, auto ids) {
    const auto turned = transpose(ids);
    return std::tuple{ids, turned, embedding(table, turned), reshape<6>(turned)};
  };
  DoubleProgram<both, Tensor<4, 2>, Index<2, 3>> program;
  const xt::xtensor<double, 2> table = {{0, 1}, {10, 11}, {20, 21}, {30, 31}};
  Ids ids = {{0, 1, 2}, {3, 2, 1}};
  const auto [same, turned, rows, flat] = program(table, ids);
  const auto is_first = [&] {
    return same(0, 2) == 2 && same(1, 0) == 3 && turned(2, 0) == 2 && turned(0, 1) == 3 && flat(1) == 3 &&
           rows(0, 1, 1) == 31 && rows(2, 0, 0) == 20;
  };
  CHECK(is_first());
  Ids wrong = {{3, 3, 0}, {0, 0, 4}};
  CHECK_THROWS_WITH(program(table, wrong), test::contains(" = 4 is not in [0, 4)"));
  CHECK(is_first());
}
