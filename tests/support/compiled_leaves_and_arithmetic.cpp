#include <support/compiled.hpp>

void ctgrad::test::check_compiled_leaves_and_arithmetic(std::vector<Row>& rows) {
  check_compiled_operations<0, position_of<ops::Exp>>(rows);
}
