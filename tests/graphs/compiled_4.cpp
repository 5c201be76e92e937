#include "compiled.hpp"

TEST_CASE("programs of random graphs 19 to 24 compute what the interpreter does", "[graphs]") {
  ctgrad::test::check_graphs<19, 6>();
}
