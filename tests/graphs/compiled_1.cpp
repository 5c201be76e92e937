#include "compiled.hpp"

TEST_CASE("programs of random graphs 1 to 6 compute what the interpreter does", "[graphs]") {
  ctgrad::test::check_graphs<1, 6>();
}
