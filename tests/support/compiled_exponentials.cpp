#include <support/compiled.hpp>

void ctgrad::test::check_compiled_exponentials(std::vector<Row>& rows) {
  check_compiled_operations<15, 21>(rows);
}
