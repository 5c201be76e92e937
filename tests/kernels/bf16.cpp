#include <ctgrad/base/numbers.hpp>
#include <ctgrad/kernels/bf16.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

/// Numbers stored as bf16: which float each is, and to which one a float is rounded.
namespace ctgrad::test {

namespace {

using kernels::Bf16;
using kernels::to_bf16;
using kernels::to_float;

constexpr std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
constexpr Bf16 with_bits(std::uint32_t bits) { return static_cast<Bf16>(static_cast<std::uint16_t>(bits)); }

/// The nearest of all finite numbers of 16 bits, found by comparing distances in double; of two the one whose
/// last bit is 0. Beyond the largest: what would be the next one counts as infinity.
Bf16 nearest(float x) {
  const std::uint32_t below = bits_of(x) >> 16;  // towards 0
  const auto value = [](std::uint32_t bits) {
    if ((bits & 0x7fff) != 0x7f80) return static_cast<double>(to_float(with_bits(bits)));
    return (bits & 0x8000) != 0 ? -0x1p128 : 0x1p128;
  };
  const double low = std::abs(static_cast<double>(x) - value(below));
  const double high = std::abs(static_cast<double>(x) - value(below + 1));
  if (low == high) return with_bits(below % 2 == 0 ? below : below + 1);
  return with_bits(low < high ? below : below + 1);
}

void check_rounding(float x) {
  INFO(std::hexfloat << x);
  CHECK(to_bf16(x) == nearest(x));
}

}  // namespace

TEST_CASE("every number of 16 bits is a float that is stored as itself", "[kernels]") {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float x = to_float(with_bits(bits));
    if (bits_of(x) != bits << 16) ++wrong;
    const std::uint32_t kept = is_nan(x) ? bits | 0x40 : bits;  // NaN becomes a quiet one
    if (to_bf16(x) != with_bits(kept)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("floats are stored as the nearest number of 16 bits, ties as the even one", "[kernels]") {
  std::mt19937_64 engine(seed());
  int wrong = 0;
  for (int i = 0; i < 1000000; ++i) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(engine() >> 32));
    if (is_finite(x) ? to_bf16(x) != nearest(x) : is_nan(to_float(to_bf16(x))) != is_nan(x)) ++wrong;
  }
  CHECK(wrong == 0);
  for (const float sign : {1.0F, -1.0F}) {
    for (const std::uint32_t upper :
         {0x3f80u, 0x3f81u, 0x0000u, 0x0001u, 0x007fu, 0x0080u, 0x7f7eu, 0x7f7fu}) {
      for (const std::uint32_t lower : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
        check_rounding(sign * std::bit_cast<float>(upper << 16 | lower));
    }
  }
}

TEST_CASE("infinities, NaN, zeros and the smallest floats keep what they are as 16 bits", "[kernels]") {
  using Limits = std::numeric_limits<float>;
  CHECK(to_bf16(Limits::infinity()) == with_bits(0x7f80));
  CHECK(to_bf16(-Limits::infinity()) == with_bits(0xff80));
  CHECK(to_bf16(Limits::max()) == with_bits(0x7f80));
  CHECK(to_bf16(-0.0F) == with_bits(0x8000));
  CHECK(to_bf16(std::bit_cast<float>(0x00010000u)) == with_bits(1));
  CHECK(to_bf16(-std::bit_cast<float>(0x00018001u)) == with_bits(0x8002));
  for (const std::uint32_t bits : {0x7fc00000u, 0x7f800001u, 0xffffffffu, 0xff800001u})
    CHECK(is_nan(to_float(to_bf16(std::bit_cast<float>(bits)))));
}

TEST_CASE("rows are converted as their numbers are, whatever their length", "[kernels]") {
  std::mt19937_64 engine(seed() + 1);
  for (Size width = 0; width < 70; ++width) {
    std::vector<float> from(static_cast<std::size_t>(3 * width + 6));
    for (float& x : from) x = std::bit_cast<float>(static_cast<std::uint32_t>(engine() >> 32));
    std::vector<Bf16> stored(static_cast<std::size_t>(3 * width), with_bits(7));
    kernels::convert_rows(stored.data(), width, from.data(), width + 2, 3, width);
    std::vector<float> back(stored.size());
    kernels::convert(back.data(), stored.data(), 3 * width);
    int wrong = 0;
    for (std::size_t i = 0; i < stored.size(); ++i) {
      const auto row = i / static_cast<std::size_t>(std::max(width, Size{1}));
      if (stored[i] != to_bf16(from[i + 2 * row])) ++wrong;
      if (bits_of(back[i]) != static_cast<std::uint32_t>(stored[i]) << 16) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace ctgrad::test
