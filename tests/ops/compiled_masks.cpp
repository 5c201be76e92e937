#include "compiled.hpp"

TEST_CASE("masks compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<26, 34>();
}
