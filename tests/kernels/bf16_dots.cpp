#include <ctgrad/base/numbers.hpp>
#include <ctgrad/kernels/bf16_product.hpp>

#include <support/bf16_numbers.hpp>
#include <support/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

/// Products by pairs of bf16: the arithmetic of AVX-512's instruction, on processors that lack it as well.
namespace ctgrad::test {

namespace {

using kernels::Bf16;
using kernels::Bf16Pair;
using kernels::MatmulShape;
using kernels::stored_as;
using kernels::to_bf16;
using kernels::to_float;

constexpr float infinity = std::numeric_limits<float>::infinity();

float flushed(float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0F, x) : x; }

/// What the instruction makes of one lane, as its manual says.
float dot(float sum, float a0, float a1, float b0, float b1) {
  sum = flushed(std::fma(flushed(a1), flushed(b1), flushed(sum)));
  return flushed(std::fma(flushed(a0), flushed(b0), sum));
}

Bf16Pair pair(float first, float second) { return kernels::pair_of(to_bf16(first), to_bf16(second)); }

template <MatmulShape S, class C, class A, class B>
void check() {
  const Size left = S.transpose_left ? S.rows : S.inner;
  const Size right = S.transpose_right ? S.inner : S.columns;
  const auto a = draw_stored<A>(S.rows * S.inner);
  const auto b = draw_stored<B>(S.inner * S.columns);
  const auto before = draw_stored<C>(S.rows * S.columns);
  const auto left_at = [&](Size i, Size k) {
    if (k >= S.inner) return 0.0F;
    return to_float(
        to_bf16(to_float(a[static_cast<std::size_t>(S.transpose_left ? k * left + i : i * left + k)])));
  };
  const auto right_at = [&](Size k, Size j) {
    if (k >= S.inner) return 0.0F;
    return to_float(
        to_bf16(to_float(b[static_cast<std::size_t>(S.transpose_right ? j * right + k : k * right + j)])));
  };
  auto c = before;
  std::vector<double> room(static_cast<std::size_t>(kernels::bf16_scratch_count(S)));
  kernels::bf16_matmul<S, true>(c.data(), a.data(), b.data(), room.data());
  int wrong = 0;
  for (Size i = 0; i < S.rows; ++i) {
    for (Size j = 0; j < S.columns; ++j) {
      const auto at = static_cast<std::size_t>(i * S.columns + j);
      float sum = S.accumulate ? to_float(before[at]) : 0;
      for (Size k = 0; k < S.inner; k += 2)
        sum = dot(sum, left_at(i, k), left_at(i, k + 1), right_at(k, j), right_at(k + 1, j));
      wrong += c[at] != stored_as<C>(sum) ? 1 : 0;
    }
  }
  INFO(S.rows << " x " << S.columns << " x " << S.inner << (S.transpose_left ? " T" : " N")
              << (S.transpose_right ? "T" : "N"));
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("a dot product of pairs takes the second numbers first and rounds each sum", "[kernels]") {
  CHECK(kernels::add_dot(1, pair(2, 3), pair(5, 7)) == 32);
  // 2^24 + 1 is a tie: the second numbers' product is lost, then the first ones' is not.
  CHECK(kernels::add_dot(0x1p24F, pair(2, 1), pair(1, 1)) == 0x1p24F + 2);
  CHECK(kernels::add_dot(0x1p24F, pair(1, 2), pair(1, 1)) == 0x1p24F + 4);
  CHECK(kernels::add_dot(0, pair(0x1p100F, 1), pair(0x1p100F, 1)) == infinity);
  CHECK(is_nan(kernels::add_dot(0, pair(infinity, 1), pair(0, 1))));
}

TEST_CASE("a dot product of pairs neither takes nor gives subnormal numbers", "[kernels]") {
  CHECK(kernels::add_dot(0, pair(0x1p-130F, 0), pair(0x1p100F, 0)) == 0);
  CHECK(kernels::add_dot(0x1p-130F, pair(0, 0), pair(0, 0)) == 0);
  CHECK(kernels::add_dot(0, pair(0x1p-100F, 0), pair(0x1p-30F, 0)) == 0);
  CHECK(kernels::add_dot(0, pair(0x1p-96F, 0), pair(0x1p-30F, 0)) == 0x1p-126F);
}

TEST_CASE("products by pairs are chains of such dot products, however operands are stored", "[kernels]") {
  check<MatmulShape{1, 1, 1}, float, Bf16, Bf16>();
  check<MatmulShape{7, 19, 5}, Bf16, Bf16, float>();
  check<MatmulShape{33, 16, 40, false, true}, Bf16, Bf16, float>();
  check<MatmulShape{20, 37, 91, true, false, 0, 0, true}, float, Bf16, Bf16>();
  check<MatmulShape{20, 37, 90, true, true, 0, 0, true}, float, float, Bf16>();
}

TEST_CASE("products by pairs go on in blocks of a long inner axis", "[kernels]") {
  check<MatmulShape{37, 29, 1101}, Bf16, Bf16, float>();
  check<MatmulShape{600, 20, 700, true}, float, Bf16, Bf16>();
}

}  // namespace ctgrad::test
