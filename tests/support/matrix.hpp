#pragma once

#include <array>
#include <string>
#include <vector>

/// What the checks of operations found: a row for every operation, a column for every kind of check.
namespace ctgrad::test {

/// Checks of one kind: how many, the largest error, and those beyond their bar.
struct Checks {
  int count = 0;
  int missed = 0;
  double largest = 0;
  std::string first_missed;

  /// A NaN misses every bar.
  void add(double error, double bar, const std::string& where);
  void add(bool holds, const std::string& where) { add(holds ? 0 : 1, 0, where); }
  void add_throw(const std::string& what);
  void add(const Checks& others);
};

enum class Column {
  value,      ///< kernels against the interpreter; errors are fractions of their bar
  tangent,    ///< against differences, also as a whole Jacobian
  transpose,  ///< the adjoint identity, also as a whole Jacobian
  ff,         ///< order 2, forward over forward, against differences of the tangent
  fr,         ///< forward over reverse, against differences of the cotangents
  rf,         ///< reverse over forward, against the same
  rr,         ///< reverse over reverse, against the same
  modes,      ///< the four modes against each other
  exact,      ///< shapes, zeros for zero cotangents, equal bits the second time
  special,    ///< kernels on special values
  refused,    ///< wrong operands
};
inline constexpr const char* column_names[] = {"value", "tangent", "transpose", "ff",      "fr",     "rf",
                                               "rr",    "modes",   "exact",     "special", "refused"};

struct Row {
  std::string name;
  std::array<Checks, std::size(column_names)> columns = {};

  Checks& operator[](Column column) { return columns[static_cast<std::size_t>(column)]; }
  const Checks& operator[](Column column) const { return columns[static_cast<std::size_t>(column)]; }
  int count() const;
  int missed() const;
};

/// The sums and largest errors of all rows.
Row total(const std::vector<Row>& rows);

/// One line a row with the largest errors, or the counts of those columns that are exact; then the totals.
void print_matrix(const std::vector<Row>& rows);

}  // namespace ctgrad::test
