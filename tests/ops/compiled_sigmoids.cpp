#include "compiled.hpp"

TEST_CASE("sigmoids and error functions compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<17, 22>();
}
