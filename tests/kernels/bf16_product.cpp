#include <ctgrad/kernels/bf16_product.hpp>

#include <support/bf16_numbers.hpp>
#include <support/catch.hpp>

#include <vector>

/// Products of what is stored as bf16: the bits of the product of the same numbers as floats, rounded once.
namespace ctgrad::test {

namespace {

using kernels::Bf16;
using kernels::MatmulShape;
using kernels::stored_as;
using kernels::to_float;

template <class T>
std::vector<float> floats(const std::vector<T>& stored) {
  std::vector<float> numbers;
  for (const T number : stored) numbers.push_back(to_float(number));
  return numbers;
}

/// 0.5 x + row - column, of the complete product.
struct HalfAndPosition {
  template <Size Rows, Size Columns, class T>
  void finish(T* c, Size row, Size column, Size stride) const {
    for (Size i = 0; i < Rows; ++i) {
      for (Size j = 0; j < Columns; ++j) {
        T& element = c[i * stride + j];
        element = element / 2 + static_cast<T>(row + i) - static_cast<T>(column + j);
      }
    }
  }
};

template <MatmulShape S, class C, class A, class B>
void check() {
  const Size left = S.left_stride != 0 ? S.left_stride : S.transpose_left ? S.rows : S.inner;
  const Size right = S.right_stride != 0 ? S.right_stride : S.transpose_right ? S.inner : S.columns;
  const auto a = draw_stored<A>(left * (S.transpose_left ? S.inner : S.rows));
  const auto b = draw_stored<B>(right * (S.transpose_right ? S.columns : S.inner));
  const auto before = draw_stored<C>(S.rows * S.columns);
  std::vector<float> expected = floats(before);
  std::vector<double> scratch(static_cast<std::size_t>(kernels::scratch_count(S)));
  kernels::matmul<S>(expected.data(), floats(a).data(), floats(b).data(), scratch.data(), HalfAndPosition{});
  auto c = before;
  std::vector<double> room(static_cast<std::size_t>(kernels::bf16_scratch_count(S)));
  kernels::bf16_matmul<S>(c.data(), a.data(), b.data(), room.data(), HalfAndPosition{});
  INFO(S.rows << " x " << S.columns << " x " << S.inner << (S.transpose_left ? " T" : " N")
              << (S.transpose_right ? "T" : "N") << (S.accumulate ? " added" : ""));
  int wrong = 0;
  for (std::size_t i = 0; i < c.size(); ++i) wrong += c[i] != stored_as<C>(expected[i]) ? 1 : 0;
  CHECK(wrong == 0);
}

/// A layer's product, that of its input's cotangent, and that of its weight's, which is a float.
template <Size Rows, Size Columns, Size Inner>
void check_training() {
  check<MatmulShape{Rows, Columns, Inner}, Bf16, Bf16, float>();
  check<MatmulShape{Rows, Columns, Inner, false, true}, Bf16, Bf16, float>();
  check<MatmulShape{Rows, Columns, Inner, true, false}, float, Bf16, Bf16>();
}

}  // namespace

TEST_CASE("products of bf16 are those of floats, rounded once, for the shapes of training", "[kernels]") {
  check_training<1, 1, 1>();
  check_training<7, 19, 5>();
  check_training<33, 16, 40>();
  check_training<64, 100, 32>();
}

TEST_CASE("products of bf16 in blocks of a long inner axis and in groups of rows keep their bits",
          "[kernels]") {
  check_training<37, 29, 1100>();
  check_training<600, 40, 700>();
  check_training<13, 50, 4100>();
}

TEST_CASE("products of bf16 add to floats, and read rows that lie apart", "[kernels]") {
  check<MatmulShape{20, 37, 90, true, false, 23, 41, true}, float, Bf16, Bf16>();
  check<MatmulShape{20, 37, 90, false, true, 93, 94, true}, float, Bf16, Bf16>();
  check<MatmulShape{20, 37, 4200, true, true, 0, 0, true}, float, float, Bf16>();
}

TEST_CASE("a product may store its result alone as bf16, or read one operand so", "[kernels]") {
  check<MatmulShape{18, 33, 1030}, Bf16, float, float>();
  check<MatmulShape{18, 33, 30}, float, float, Bf16>();
  check<MatmulShape{3, 200, 30}, float, Bf16, float>();
  check<MatmulShape{6, 0, 3}, Bf16, Bf16, Bf16>();
  check<MatmulShape{6, 5, 0}, Bf16, Bf16, Bf16>();
}

}  // namespace ctgrad::test
