#include <support/compiled.hpp>

void ctgrad::test::check_compiled_sigmoids(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Tanh>, position_of<ops::Sin>>(rows);
}
