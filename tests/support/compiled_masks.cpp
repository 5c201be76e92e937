#include <support/compiled.hpp>

void ctgrad::test::check_compiled_masks(std::vector<Row>& rows) { check_compiled_operations<30, 38>(rows); }
