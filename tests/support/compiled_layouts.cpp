#include <support/compiled.hpp>

void ctgrad::test::check_compiled_layouts(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Broadcast>, position_of<ops::Matmul>>(rows);
}
