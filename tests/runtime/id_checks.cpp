#include <ctgrad/ctgrad.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>
#include <support/views.hpp>

#include <cmath>
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

constexpr auto rows_of = [](auto table, auto ids) { return std::tuple{embedding(table, ids), ids}; };
using RowsOf = DoubleProgram<rows_of, Tensor<4, 2>, Index<2, 3>>;

const xt::xtensor<double, 2> four_rows = {{0, 1}, {10, 11}, {20, 21}, {30, 31}};
const Ids some_ids = {{0, 1, 2}, {3, 2, 1}};

}  // namespace

TEMPLATE_TEST_CASE("ids may be of any integer type: they are narrowed in memory that a program keeps", "",
                   std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::uint32_t, long, unsigned long,
                   long long, unsigned long long) {
  RowsOf program, expected;
  const xt::xtensor<TestType, 2> ids = xt::cast<TestType>(some_ids);
  const auto check = [&](const auto& given) {
    const auto [rows, same] = program(four_rows, given);
    const auto [expected_rows, expected_ids] = expected(four_rows, some_ids);
    CHECK(std::equal(rows.begin(), rows.end(), expected_rows.begin()));
    CHECK(std::equal(same.begin(), same.end(), expected_ids.begin()));
  };
  check(ids);
  xt::xtensor<TestType, 3> batches = xt::zeros<TestType>({2, 2, 3});
  std::copy(ids.begin(), ids.end(), batches.data() + 6);
  check(xt::view(batches, 1));
  const std::size_t before = test::allocations();
  program.run(four_rows, ids);
  CHECK(test::allocations() == before);
}

TEMPLATE_TEST_CASE("an id that std::int32_t does not hold is refused with its place, and no result changes",
                   "", std::int64_t, std::uint32_t, std::uint64_t) {
  RowsOf program;
  program.run(four_rows, some_ids);
  const xt::xtensor<double, 3> rows = std::get<0>(program.result());
  const auto is_as_before = [&] {
    return std::get<0>(program.result()) == rows && std::get<1>(program.result()) == some_ids;
  };
  CHECK(rows(1, 0, 1) == 31);
  xt::xtensor<TestType, 2> ids = xt::ones<TestType>({2, 3});
  ids(1, 2) = static_cast<TestType>((std::int64_t{1} << 31) + 1);
  CHECK_THROWS_AS(program(four_rows, ids), std::out_of_range);
  CHECK_THROWS_WITH(program(four_rows, ids),
                    "argument 2[1, 2]: expected an integer from -2147483648 to "
                    "2147483647, got 2147483649");
  CHECK(is_as_before());
  ids(1, 2) = 4;  // an std::int32_t, but no row of the table
  CHECK_THROWS_WITH(program(four_rows, ids), test::contains("argument 2[1, 2] = 4 is not in [0, 4)"));
  CHECK(is_as_before());
  if constexpr (std::is_same_v<TestType, std::int64_t>) {
    ids(1, 2) = 2 - (std::int64_t{1} << 32);  // which as an std::int32_t would be 2
    CHECK_THROWS_WITH(program(four_rows, ids), test::contains("argument 2[1, 2]: expected an integer from") &&
                                                   test::contains("got -4294967294"));
    CHECK(is_as_before());
  }
  ids(1, 2) = 3;
  CHECK(std::get<0>(program(four_rows, ids))(1, 2, 0) == 30);
}

TEST_CASE("real numbers, truth values and characters are no ids") {
  STATIC_REQUIRE(runtime::IdNumber<std::uint64_t>);
  STATIC_REQUIRE_FALSE(runtime::IdNumber<bool>);
  STATIC_REQUIRE_FALSE(runtime::IdNumber<double>);
  STATIC_REQUIRE_FALSE(runtime::IdNumber<char>);
}

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

TEST_CASE("a target that is neither a class nor the ignored one is named by its argument") {
  constexpr auto loss = [](auto logits, auto targets) {
    return cross_entropy(logits, targets, IgnoreIndex{-1});
  };
  DoubleProgram<value_and_grad(loss), Tensor<2, 3, 4>, Index<2, 3>> step;
  const xt::xtensor<double, 3> logits = xt::ones<double>({2, 3, 4});
  Ids targets = {{0, -1, 3}, {-1, 2, -1}};
  CHECK_THAT(step(logits, targets).value, Catch::Matchers::WithinRel(std::log(4.0), 1e-14));
  targets(1, 0) = -100;
  CHECK_THROWS_WITH(step(logits, targets),
                    test::contains("argument 2[1, 0] = -100 is not in [0, 4) of cross_entropy"));
}
