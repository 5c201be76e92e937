#include <ctgrad/base/number_text.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <limits>

using namespace ctgrad::text;

TEST_CASE("every NaN is \"nan\" as text, whatever its sign", "[number_text]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double number : {std::copysign(nan, 1.0), std::copysign(nan, -1.0)}) {
    CHECK(shortest(number) == "nan");
    CHECK(shortest(static_cast<float>(number)) == "nan");
    CHECK(significant(number) == "nan");
    CHECK(fixed(number, 3) == "nan");
  }
}

TEST_CASE("numbers other than NaN keep their signs as text", "[number_text]") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(shortest(-infinity) == "-inf");
  CHECK(shortest(-0.0) == "-0");
  CHECK(shortest(0.1F) == "0.1");
  CHECK(significant(-0.03125, 3) == "-0.0312");
  CHECK(fixed(-12.5, 2) == "-12.50");
}
