#pragma once

#include <support/matrix.hpp>

/// Kernels against the interpreter. Rows are in the order of the registry.
namespace ctgrad::test {

void check_compiled_leaves_and_arithmetic(std::vector<Row>& rows);
void check_compiled_exponentials(std::vector<Row>& rows);
void check_compiled_sigmoids(std::vector<Row>& rows);
void check_compiled_trigonometry(std::vector<Row>& rows);
void check_compiled_functions(std::vector<Row>& rows);
void check_compiled_activations(std::vector<Row>& rows);
void check_compiled_masks(std::vector<Row>& rows);
void check_compiled_reductions(std::vector<Row>& rows);
void check_compiled_layouts(std::vector<Row>& rows);
void check_compiled_rows(std::vector<Row>& rows);
void check_compiled_ids(std::vector<Row>& rows);

/// For every operation one program each in double and float, of the value, the tangent and the cotangents of
/// all its samples. Errors count in their bar, 5 eps (1 + condition).
inline void check_compiled(std::vector<Row>& rows) {
  check_compiled_leaves_and_arithmetic(rows);
  check_compiled_exponentials(rows);
  check_compiled_sigmoids(rows);
  check_compiled_trigonometry(rows);
  check_compiled_functions(rows);
  check_compiled_activations(rows);
  check_compiled_masks(rows);
  check_compiled_reductions(rows);
  check_compiled_layouts(rows);
  check_compiled_rows(rows);
  check_compiled_ids(rows);
}

/// Special values through every operation that works element by element: in double against the interpreter,
/// in float the same kind of number.
void check_special_values(std::vector<Row>& rows);

}  // namespace ctgrad::test
