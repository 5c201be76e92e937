#include <support/compiled.hpp>

void ctgrad::test::check_compiled_sigmoids(std::vector<Row>& rows) {
  check_compiled_operations<21, 26>(rows);
}
