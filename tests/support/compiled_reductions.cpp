#include <support/compiled.hpp>

void ctgrad::test::check_compiled_reductions(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Sum>, position_of<ops::Broadcast>>(rows);
}
