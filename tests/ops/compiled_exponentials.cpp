#include "compiled.hpp"

TEST_CASE("exponentials, roots and powers compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<11, 17>();
}
