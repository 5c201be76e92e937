#include <support/compiled.hpp>

void ctgrad::test::check_compiled_trigonometry(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Sin>, position_of<ops::Sinh>>(rows);
}
