#include <ctgrad/generate/cache.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

#include <numeric>

namespace {

using namespace ctgrad;
using generate::Reorder;

/// Every list of origins of that many rows, as digits of a number.
std::vector<std::int32_t> origins_of(std::size_t rows, std::size_t number) {
  std::vector<std::int32_t> origins(rows);
  for (std::int32_t& origin : origins) {
    origin = static_cast<std::int32_t>(number % rows);
    number /= rows;
  }
  return origins;
}

using Cache = nn::Cache<2, 3, 2, 4, 5>;
using Rows = nn::Cache<2, 3, 2, 1, 5>;

State<Cache, double> counted() {
  State<Cache, double> cache;
  for (const FlatEntry& entry : cache.entries()) {
    const auto numbers = cache.span(entry.name);
    std::iota(numbers.begin(), numbers.end(), static_cast<double>(1000 * (entry.offset + 1)));
  }
  return cache;
}

}  // namespace

TEST_CASE("rows become what their origins were, for every list of up to 6 origins") {
  std::size_t checked = 0;
  for (std::size_t rows = 1, lists = 1; rows <= 6; ++rows) {
    lists = static_cast<std::size_t>(std::pow(rows, rows));
    Reorder moves(rows);
    for (std::size_t number = 0; number < lists; ++number) {
      const auto origins = origins_of(rows, number);
      std::vector<std::size_t> array(2 * rows), expected, spare(2);
      std::iota(array.begin(), array.end(), 0u);
      for (const std::int32_t origin : origins)
        for (std::size_t i = 0; i < 2; ++i) expected.push_back(2 * static_cast<std::size_t>(origin) + i);
      moves.plan(origins);
      moves.apply(std::span<std::size_t>(array), std::span<std::size_t>(spare));
      checked += array == expected ? 1u : 0u;
      if (array != expected) FAIL_CHECK("list " << number << " of " << rows << " rows");
    }
  }
  CHECK(checked == 1 + 4 + 27 + 256 + 3125 + 46656);
}

TEST_CASE("a reordering refuses what is no row and another number of rows, and moves what it did before") {
  Reorder moves(3);
  moves.plan(std::vector<std::int32_t>{2, 0, 1});
  CHECK_THROWS_WITH(moves.plan(std::vector<std::int32_t>{0, 1}), "Reorder: origins: expected 3 rows, got 2");
  CHECK_THROWS_WITH(moves.plan(std::vector<std::int32_t>{0, 3, 1}),
                    "Reorder: origins[1]: expected a row in [0, 3), got 3");
  CHECK_THROWS_AS(moves.plan(std::vector<std::int32_t>{0, 1, -1}), std::out_of_range);
  std::vector<int> array{10, 11, 12}, spare(1);
  moves.apply(std::span<int>(array), std::span<int>(spare));
  CHECK(array == std::vector<int>{12, 10, 11});
}

TEST_CASE("the sequences of caches move as a whole, allocating nothing") {
  State<Cache, double> cache = counted();
  const State<Cache, double> before = counted();
  Reorder moves(3);
  std::vector<double> spare(generate::CacheShape<Cache>::sequence);
  const std::array<std::int32_t, 3> origins{1, 0, 1};

  const std::size_t allocations = test::allocations();
  moves.plan(origins);
  generate::reorder(cache, moves, std::span<double>(spare));
  CHECK(test::allocations() == allocations);

  for (const FlatEntry& entry : cache.entries()) {
    for (std::size_t i = 0; i < 3 * 40; ++i) {
      CAPTURE(entry.name, i);
      REQUIRE(cache.span(entry.name)[i] ==
              before.span(entry.name)[static_cast<std::size_t>(origins[i / 40]) * 40 + i % 40]);
    }
  }
}

TEST_CASE("a step's rows go to the position of their sequence, and nowhere else") {
  State<Cache, double> cache = counted();
  const State<Cache, double> before = counted();
  State<Rows, double> rows;
  for (const FlatEntry& entry : rows.entries()) {
    const auto numbers = rows.span(entry.name);
    std::iota(numbers.begin(), numbers.end(), -1e6 + static_cast<double>(entry.offset));
  }
  const std::array<std::int32_t, 3> positions{3, 0, 2};

  const std::size_t allocations = test::allocations();
  generate::write_rows(cache, std::as_const(rows).view(), positions);
  CHECK(test::allocations() == allocations);

  for (const FlatEntry& entry : cache.entries()) {
    for (std::size_t i = 0; i < 3 * 2 * 4 * 5; ++i) {
      const std::size_t column = i % 5, position = i / 5 % 4, head = i / 20 % 2, b = i / 40;
      const bool written = position == static_cast<std::size_t>(positions[b]);
      const double expected = written ? std::as_const(rows).span(entry.name)[(b * 2 + head) * 5 + column]
                                      : before.span(entry.name)[i];
      CAPTURE(entry.name, i);
      REQUIRE(cache.span(entry.name)[i] == expected);
    }
  }
}

TEST_CASE("a position that caches do not have is refused before anything is written") {
  State<Cache, double> cache = counted();
  const State<Rows, double> rows;
  CHECK_THROWS_WITH(generate::write_rows(cache, rows.view(), std::array<std::int32_t, 3>{0, 1, 4}),
                    "cache: positions[2]: expected a position in [0, 4), got 4");
  CHECK_THROWS_AS(generate::write_rows(cache, rows.view(), std::array<std::int32_t, 3>{0, -1, 3}),
                  std::out_of_range);
  CHECK_THROWS_WITH(generate::write_rows(cache, rows.view(), std::array<std::int32_t, 2>{0, 1}),
                    "cache: positions: expected 3, got 2");
  CHECK(std::ranges::equal(cache.flat(), counted().flat()));
}

TEST_CASE("a cache of few sequences fills one of many with neighbours") {
  const State<Cache, double> few = counted();
  State<nn::Cache<2, 6, 2, 4, 5>, double> many;
  generate::repeat_sequences(few.view(), many);
  for (const FlatEntry& entry : few.entries()) {
    for (std::size_t i = 0; i < 6 * 40; ++i) {
      CAPTURE(entry.name, i);
      REQUIRE(many.span(entry.name)[i] == few.span(entry.name)[i / 80 * 40 + i % 40]);
    }
  }
}

TEST_CASE("a reordering refuses arrays that its rows do not divide, and a spare row that is too short") {
  Reorder moves(3);
  moves.plan(std::vector<std::int32_t>{1, 2, 0});
  std::vector<int> array{10, 11, 12, 13, 14, 15, 16}, spare(2);
  const auto apply = [&](std::size_t size, std::size_t spare_size) {
    moves.apply(std::span<int>(array).first(size), std::span<int>(spare).first(spare_size));
  };
  CHECK_THROWS_WITH(apply(7, 2), "Reorder: array: expected a multiple of 3 elements, got 7");
  CHECK_THROWS_WITH(apply(6, 1), "Reorder: spare: expected at least 2 elements, got 1");
  CHECK(array == std::vector<int>{10, 11, 12, 13, 14, 15, 16});
  apply(6, 2);
  CHECK(array == std::vector<int>{12, 13, 14, 15, 10, 11, 16});

  State<Cache, double> cache = counted();
  std::vector<double> row(generate::CacheShape<Cache>::sequence);
  for (const std::size_t rows : {0u, 2u, 4u})
    CHECK_THROWS_WITH(generate::reorder(cache, Reorder(rows), std::span<double>(row)),
                      "reorder: moves: expected 3 rows, got " + std::to_string(rows));
  CHECK(std::ranges::equal(cache.flat(), counted().flat()));
}
