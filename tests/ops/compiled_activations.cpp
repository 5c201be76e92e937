#include "compiled.hpp"

TEST_CASE("activations compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<22, 26>();
}
