#include "compiled.hpp"

TEST_CASE("programs of random graphs 7 to 12 compute what the interpreter does", "[graphs]") {
  ctgrad::test::check_graphs<7, 6>();
}
