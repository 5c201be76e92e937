#include <support/compiled.hpp>

void ctgrad::test::check_compiled_exponentials(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Exp>, position_of<ops::Tanh>>(rows);
}
