#include <ctgrad/base/numbers.hpp>
#include <ctgrad/kernels/matmul.hpp>

#include <support/catch.hpp>

#include <cstdio>
#include <random>
#include <vector>

/// Matrix products: every element has the bits of one chain of fused products and sums, whatever the shape.
namespace ctgrad::test {

namespace {

using kernels::MatmulShape;

template <class T>
std::vector<T> draw(Size count) {
  static std::mt19937_64 engine(seed());
  std::vector<T> numbers(static_cast<std::size_t>(count));
  for (T& number : numbers) number = static_cast<T>(engine() >> 40) * static_cast<T>(0x1p-23) - 1;
  return numbers;
}

/// What a product should be; the elements between the stored rows of A and B are not read.
template <MatmulShape S, class T>
std::vector<T> expected(std::vector<T> c, const std::vector<T>& a, const std::vector<T>& b, Size left,
                        Size right) {
  for (Size i = 0; i < S.rows; ++i) {
    for (Size j = 0; j < S.columns; ++j) {
      T& sum = c[static_cast<std::size_t>(i * S.columns + j)];
      if (!S.accumulate) sum = 0;
      for (Size k = 0; k < S.inner; ++k) {
        sum = kernels::fused(a[static_cast<std::size_t>(S.transpose_left ? k * left + i : i * left + k)],
                             b[static_cast<std::size_t>(S.transpose_right ? j * right + k : k * right + j)],
                             sum);
      }
    }
  }
  return c;
}

/// How often each element of a product was finished.
struct CountingEpilogue {
  std::vector<int>& counts;
  Size columns;

  template <Size Rows, Size Columns, class T>
  void finish(T*, Size row, Size column, Size) const {
    for (Size i = row; i < row + Rows; ++i) {
      for (Size j = column; j < column + Columns; ++j) ++counts[static_cast<std::size_t>(i * columns + j)];
    }
  }
};

template <MatmulShape S, class T>
void check() {
  const Size left = S.left_stride != 0 ? S.left_stride : S.transpose_left ? S.rows : S.inner;
  const Size right = S.right_stride != 0 ? S.right_stride : S.transpose_right ? S.inner : S.columns;
  const auto a = draw<T>(left * (S.transpose_left ? S.inner : S.rows));
  const auto b = draw<T>(right * (S.transpose_right ? S.columns : S.inner));
  const auto before = draw<T>(S.rows * S.columns);
  std::vector<int> counts(before.size());
  auto c = before;
  std::vector<double> scratch(static_cast<std::size_t>(kernels::scratch_count(S)));
  kernels::matmul<S>(c.data(), a.data(), b.data(), scratch.data(), CountingEpilogue{counts, S.columns});
  INFO(S.rows << " x " << S.columns << " x " << S.inner << (S.transpose_left ? " T" : " N")
              << (S.transpose_right ? "T" : "N") << (S.accumulate ? " added" : ""));
  CHECK(c == expected<S>(before, a, b, left, right));
  CHECK(counts == std::vector<int>(before.size(), 1));
}

/// A shape in the ways that operands are stored in training; strides leave gaps between rows.
template <Size Rows, Size Columns, Size Inner, class T = float>
void check_stored() {
  check<MatmulShape{Rows, Columns, Inner}, T>();
  check<MatmulShape{Rows, Columns, Inner, false, true, Inner + 3, Inner + 5}, T>();
  check<MatmulShape{Rows, Columns, Inner, true, false, 0, Columns + 7, true}, T>();
}

template <std::size_t... I>
void check_odd_sizes(std::index_sequence<I...>) {
  (check<MatmulShape{I + 1, 19, 3}, float>(), ...);
  (check<MatmulShape{5, I + 1, 3, true, I % 2 == 1, 0, 0, true}, float>(), ...);
  (check<MatmulShape{3, 7, I + 1, false, true}, float>(), ...);
}

}  // namespace

TEST_CASE("products of odd sizes are chains of fused products and sums", "[kernels]") {
  check_odd_sizes(std::make_index_sequence<40>{});
}

TEST_CASE("products of all kinds of blocks are chains of fused products and sums", "[kernels]") {
  check_stored<1, 1, 1>();
  check_stored<1, 200, 33>();  // many vectors a row
  check_stored<2, 130, 9>();
  check_stored<4, 70, 21>();
  check_stored<16, 64, 32>();
  check_stored<100, 65, 40>();
  check_stored<31, 33, 1030>();  // blocks of the inner axis
  check_stored<9, 41, 0>();
  check_stored<530, 40, 8>();  // panels packed because rows are many
  check<MatmulShape{530, 48, 20, false, false, 0, 640}, float>();
  check<MatmulShape{400, 200, 530, false, true, 1024}, float>();  // rows of A packed, in several groups
  check<MatmulShape{400, 200, 530, true, false, 1024, 0, true}, float>();
  check_stored<30, 640, 420>();  // B far away
  check_stored<120, 100, 12>();  // C beyond the first-level cache
  check_stored<23, 37, 29, double>();
  check_stored<3, 90, 600, double>();
}

TEST_CASE("a long inner axis is summed up in double", "[kernels]") {
  constexpr MatmulShape shape{3, 21, 9000, false, true};
  const auto a = draw<float>(shape.rows * shape.inner);
  const auto b = draw<float>(shape.columns * shape.inner);
  std::vector<float> c(static_cast<std::size_t>(shape.rows * shape.columns));
  std::vector<double> totals(static_cast<std::size_t>(kernels::scratch_count(shape)));
  kernels::matmul<shape>(c.data(), a.data(), b.data(), totals.data());
  double largest = 0;
  for (Size i = 0; i < shape.rows; ++i) {
    for (Size j = 0; j < shape.columns; ++j) {
      double sum = 0;
      double size = 0;
      for (Size k = 0; k < shape.inner; ++k) {
        const double term = static_cast<double>(a[static_cast<std::size_t>(i * shape.inner + k)]) *
                            static_cast<double>(b[static_cast<std::size_t>(j * shape.inner + k)]);
        sum += term;
        size += std::abs(term);
      }
      largest = std::max(
          largest,
          std::abs(sum - static_cast<double>(c[static_cast<std::size_t>(i * shape.columns + j)])) / size);
    }
  }
  CHECK(largest < 1e-7);
  std::printf("figure: products over 9000 elements within %.1e of the sum of their sizes (bar 1e-7)\n",
              largest);
}

}  // namespace ctgrad::test
