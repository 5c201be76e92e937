#include <support/compiled.hpp>

void ctgrad::test::check_compiled_masks(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Less>, position_of<ops::Sum>>(rows);
}
