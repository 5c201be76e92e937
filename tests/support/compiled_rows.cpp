#include <support/compiled.hpp>

void ctgrad::test::check_compiled_rows(std::vector<Row>& rows) { check_compiled_operations<47, 52>(rows); }
