#include <support/compiled.hpp>

void ctgrad::test::check_compiled_layouts(std::vector<Row>& rows) { check_compiled_operations<40, 47>(rows); }
