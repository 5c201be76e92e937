#include <support/compiled.hpp>

void ctgrad::test::check_compiled_activations(std::vector<Row>& rows) {
  check_compiled_operations<position_of<ops::Relu>, position_of<ops::Less>>(rows);
}
