#include "compiled.hpp"

TEST_CASE("operations on rows compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<43, 48>();
}
