#include <support/compiled.hpp>

void ctgrad::test::check_compiled_activations(std::vector<Row>& rows) {
  check_compiled_operations<26, 30>(rows);
}
