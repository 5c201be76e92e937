#include <ctgrad/base/shape.hpp>

#include <support/catch.hpp>

/// No compiler fuses a product and a sum that is not said to be: not in the library, nor in what includes it.
TEST_CASE("a product is rounded before its sum, though the processor could do both at once") {
  const volatile float a = 1 + 0x1p-12f;
  const float x = a;
  const volatile float square = x * x;  // 1 + 2^-11 + 2^-24, of which the last is lost
  CHECK(x * x - square == 0);
  const volatile double b = 1 + 0x1p-27;
  const double y = b;
  const volatile double other = y * y;
  CHECK(y * y - other == 0);
}
