#include "compiled.hpp"

TEST_CASE("reductions compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<34, 36>();
}
