#include <support/compiled.hpp>

void ctgrad::test::check_compiled_ids(std::vector<Row>& rows) {
  check_compiled_operations<52, operation_count>(rows);
}
