#include "compiled.hpp"

TEST_CASE("operations on ids compute what the interpreter does", "[ops]") {
  ctgrad::test::check_compiled_operations<48, decltype(boost::hana::length(ctgrad::ops::registry))::value>();
}
