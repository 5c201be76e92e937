#include "compiled.hpp"

TEST_CASE("programs of random graphs 13 to 18 compute what the interpreter does", "[graphs]") {
  ctgrad::test::check_graphs<13, 6>();
}
