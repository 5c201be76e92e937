#include <support/compiled.hpp>

void ctgrad::test::check_compiled_functions(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Sinh>, position_of<ops::Relu>>(rows);
}
