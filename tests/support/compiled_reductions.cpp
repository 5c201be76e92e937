#include <support/compiled.hpp>

void ctgrad::test::check_compiled_reductions(std::vector<Row>& rows) {
  check_compiled_operations<38, 40>(rows);
}
