#include <support/catch.hpp>
#include <support/check_derivatives.hpp>
#include <support/check_kernels.hpp>

#include <cstdio>

/// Every operation and every kind of check.
namespace ctgrad::test {

namespace {

double largest_of_order_2(const Row& row) {
  double largest = 0;
  for (const Column mode : {Column::ff, Column::fr, Column::rf, Column::rr})
    largest = std::max(largest, row[mode].largest);
  return largest;
}

void print_verdict(std::size_t operations, const Row& row) {
  std::printf(
      "gradients: %zu operations, %d checks, largest errors: value %.2f of its bar, tangent %.1g (bar 1e-8), "
      "transpose %.1g (bar 1e-12), order 2 %.1g (bar 1e-6), between its modes %.1g (bar 1e-12): %s\n",
      operations, row.count(), row[Column::value].largest, row[Column::tangent].largest,
      row[Column::transpose].largest, largest_of_order_2(row), row[Column::modes].largest,
      row.missed() == 0 ? "ok" : "MISSED");
}

}  // namespace

TEST_CASE("every operation passes every check of the gradient matrix", "[gradients]") {
  std::vector<Row> rows;
  for (const Record& record : all_operations()) {
    Row& row = rows.emplace_back(Row{std::string(record.operation->name)});
    check_derivatives(row, record);
    check_refusals(row, record);
  }
  check_compiled(rows);
  check_special_values(rows);
  const Row sums = total(rows);
  print_matrix(rows);
  print_verdict(rows.size(), sums);
  CHECK(sums.missed() == 0);
  for (const Checks& checks : sums.columns) CHECK(checks.count > 0);
}

}  // namespace ctgrad::test
