#include <support/matrix.hpp>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace ctgrad::test {

namespace {

bool shows_count(std::size_t column) {
  return column == static_cast<std::size_t>(Column::exact) ||
         column >= static_cast<std::size_t>(Column::special);
}

void print_counts(const Row& row) {
  std::printf("%-18s", "checks");
  for (const Checks& checks : row.columns) std::printf("%10d", checks.count);
  std::printf("%10d\n", row.count());
}

void print_row(const Row& row) {
  std::printf("%-18s", row.name.c_str());
  for (std::size_t i = 0; i < row.columns.size(); ++i) {
    const Checks& checks = row.columns[i];
    if (checks.count == 0) {
      std::printf("%10s", "-");
    } else if (shows_count(i)) {
      std::printf("%10d", checks.count);
    } else {
      std::printf("%10.1g", checks.largest);
    }
  }
  std::printf("%10d\n", row.count());
}

}  // namespace

void Checks::add(double error, double bar, const std::string& where) {
  ++count;
  largest = std::max(largest, error);
  if (error <= bar) return;
  if (missed++ == 0) first_missed = where + ": error " + std::to_string(error);
}

void Checks::add_throw(const std::string& what) { add(std::numeric_limits<double>::infinity(), 0, what); }

void Checks::add(const Checks& others) {
  count += others.count;
  if (missed == 0) first_missed = others.first_missed;
  missed += others.missed;
  largest = std::max(largest, others.largest);
}

int Row::count() const {
  int sum = 0;
  for (const Checks& checks : columns) sum += checks.count;
  return sum;
}

int Row::missed() const {
  int sum = 0;
  for (const Checks& checks : columns) sum += checks.missed;
  return sum;
}

Row total(const std::vector<Row>& rows) {
  Row sums{"largest"};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.columns.size(); ++i) sums.columns[i].add(row.columns[i]);
  }
  return sums;
}

void print_matrix(const std::vector<Row>& rows) {
  std::printf("%-18s", "largest errors of");
  for (const char* name : column_names) std::printf("%10s", name);
  std::printf("%10s\n", "checks");
  for (const Row& row : rows) {
    print_row(row);
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
      if (row.columns[i].missed > 0)
        std::printf("  MISSED %s, %d times: %s\n", column_names[i], row.columns[i].missed,
                    row.columns[i].first_missed.c_str());
    }
  }
  print_row(total(rows));
  print_counts(total(rows));
}

}  // namespace ctgrad::test
