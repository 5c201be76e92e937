#include "compiled.hpp"

TEST_CASE("layouts and matrix products compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<36, 43>();
}
