#include <support/compiled.hpp>

void ctgrad::test::check_compiled_rows(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Matmul>, position_of<ops::Gather>>(rows);
}
