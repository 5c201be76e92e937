#include "compiled.hpp"

TEST_CASE("leaves and arithmetic compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<0, 11>();
}
