#include <support/compiled.hpp>

void ctgrad::test::check_compiled_ids(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Gather>, operation_count>(rows);
}
