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

/// Between the rows of C.
template <MatmulShape S>
inline constexpr Size result_row = S.result_stride != 0 ? S.result_stride : S.columns;

/// The product of elements k of row i of A and of column j of B, added to a sum.
template <MatmulShape S, class T>
T add_product(T sum, const std::vector<T>& a, const std::vector<T>& b, Size left, Size right, Size i, Size j,
              Size k) {
  return kernels::fused(a[static_cast<std::size_t>(S.transpose_left ? k * left + i : i * left + k)],
                        b[static_cast<std::size_t>(S.transpose_right ? j * right + k : k * right + j)], sum);
}

/// What a product should be; the elements between the stored rows of A and B are not read, those between the
/// rows of C are not written.
template <MatmulShape S, class T>
std::vector<T> expected(std::vector<T> c, const std::vector<T>& a, const std::vector<T>& b, Size left,
                        Size right) {
  constexpr Size depth = kernels::plan_of<S, T>.depth;
  for (Size i = 0; i < S.rows; ++i) {
    for (Size j = 0; j < S.columns; ++j) {
      T& element = c[static_cast<std::size_t>(i * result_row<S> + j)];
      T sum = S.accumulate && S.chain == 0 ? element : T{0};
      T total = S.accumulate && S.chain != 0 ? element : T{0};
      for (Size k = 0; k < S.inner; ++k) {
        sum = add_product<S>(sum, a, b, left, right, i, j, k);
        if (S.chain == 0 || ((k + 1) % depth != 0 && k + 1 < S.inner)) continue;
        total = k < depth && !S.accumulate ? sum : total + sum;
        sum = 0;
      }
      element = S.chain == 0 ? sum : total;
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
  const auto before = draw<T>(S.rows * result_row<S>);
  std::vector<int> counts(static_cast<std::size_t>(S.rows * S.columns));
  auto c = before;
  std::vector<double> scratch(static_cast<std::size_t>(kernels::scratch_count(S)));
  kernels::matmul<S>(c.data(), a.data(), b.data(), scratch.data(), CountingEpilogue{counts, S.columns});
  INFO(S.rows << " x " << S.columns << " x " << S.inner << (S.transpose_left ? " T" : " N")
              << (S.transpose_right ? "T" : "N") << (S.accumulate ? " added" : ""));
  const auto wanted = expected<S>(before, a, b, left, right);
  CHECK(c == wanted);
  CHECK(counts == std::vector<int>(counts.size(), 1));
  for (const Size parts : {2, 3, 40}) {
    if (!kernels::has_parts(S)) continue;
    c = before;
    counts.assign(counts.size(), 0);
    for (Size i = parts; i-- > 0;)
      kernels::matmul<S>(c.data(), a.data(), b.data(), scratch.data(), CountingEpilogue{counts, S.columns},
                         {i, parts});
    CHECK(c == wanted);
    CHECK(counts == std::vector<int>(counts.size(), 1));
  }
  c = before;
  std::vector<double> packed(static_cast<std::size_t>(kernels::packed_left_count(S)));
  auto* left_packed = reinterpret_cast<T*>(packed.data());
  kernels::pack_left<S>(left_packed, a.data());
  kernels::matmul_packed<S>(c.data(), a.data(), left_packed, b.data(), scratch.data());
  CHECK(c == wanted);
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
  check<MatmulShape{300, 1100, 512}, float>();  // panels kept for several groups, in several ranges
  check<MatmulShape{300, 1100, 520, false, true, 0, 0, true}, float>();
  check<MatmulShape{300, 610, 512, false, false, 0, 0, true}, double>();
  check<MatmulShape{120, 100, 500, true, false, 1024, 0, true}, float>();  // rows of A packed beforehand
  check_stored<30, 640, 420>();                                            // B far away
  check_stored<120, 100, 12>();                                            // C beyond the first-level cache
  check_stored<23, 37, 29, double>();
  check_stored<3, 90, 600, double>();
}

TEST_CASE("products may be a part of a wider matrix, and be summed up before they are added", "[kernels]") {
  check<MatmulShape{50, 100, 32, false, false, 0, 1000, false, 116}, float>();
  check<MatmulShape{100, 256, 40, false, false, 0, 300, false, 272, 60}, float>();
  check<MatmulShape{50, 32, 100, false, true, 116, 1000, true, 0, 100}, float>();
  check<MatmulShape{32, 100, 50, true, false, 0, 116, false, 5000, 96}, float>();
  check<MatmulShape{32, 100, 50, true, false, 0, 116, true, 5000, 96}, float>();  // C far away
  check<MatmulShape{32, 3, 50, true, false, 0, 116, true, 5000, 20}, float>();
  check<MatmulShape{130, 255, 300, true, false, 0, 272, true, 5000, 96}, float>();  // rows of A packed
  check<MatmulShape{130, 255, 300, true, false, 0, 272, false, 5000, 96}, double>();
  check<MatmulShape{96, 130, 256, false, true, 272, 700, true, 0, 256}, float>();
  check<MatmulShape{4, 130, 90, false, true, 272, 700, true, 150, 40}, double>();
}

/// Room is counted before it is known whether a program reads operands in the place of their transposes.
TEST_CASE("a product needs as much room however its operands are stored", "[kernels]") {
  for (const Size rows : {Size{5}, Size{300}, Size{1024}, Size{4000}}) {
    for (const Size inner : {Size{64}, Size{520}, Size{2048}, Size{9000}}) {
      for (const Size columns : {Size{40}, Size{1100}}) {
        const Size room = kernels::scratch_count({rows, columns, inner});
        CHECK(kernels::scratch_count({rows, columns, inner, true, false}) == room);
        CHECK(kernels::scratch_count({rows, columns, inner, false, true}) == room);
        CHECK(kernels::scratch_count({rows, columns, inner, true, true}) == room);
        CHECK(kernels::scratch_count({rows, columns, inner, true, true, rows + 7, inner + 7}) == room);
      }
    }
  }
}

/// The largest error of a product along a long inner axis, as a share of the sum of its terms' sizes; checks
/// that every element is finished once.
template <MatmulShape S>
double long_product_error() {
  const auto a = draw<float>(S.rows * S.inner);
  const auto b = draw<float>(S.columns * S.inner);
  const auto before = draw<float>(S.rows * S.columns);
  auto c = before;
  std::vector<int> counts(c.size());
  std::vector<double> scratch(static_cast<std::size_t>(kernels::scratch_count(S)));
  kernels::matmul<S>(c.data(), a.data(), b.data(), scratch.data(), CountingEpilogue{counts, S.columns});
  CHECK(counts == std::vector<int>(c.size(), 1));
  double largest = 0;
  for (Size i = 0; i < S.rows; ++i) {
    for (Size j = 0; j < S.columns; ++j) {
      const auto position = static_cast<std::size_t>(i * S.columns + j);
      double sum = S.accumulate ? static_cast<double>(before[position]) : 0;
      double size = std::abs(sum);
      for (Size k = 0; k < S.inner; ++k) {
        const Size left = S.transpose_left ? k * S.rows + i : i * S.inner + k;
        const Size right = S.transpose_right ? j * S.inner + k : k * S.columns + j;
        const double term = static_cast<double>(a[static_cast<std::size_t>(left)]) *
                            static_cast<double>(b[static_cast<std::size_t>(right)]);
        sum += term;
        size += std::abs(term);
      }
      largest = std::max(largest, std::abs(sum - static_cast<double>(c[position])) / size);
    }
  }
  return largest;
}

TEST_CASE("a long inner axis is summed up by blocks, and many of these in double", "[kernels]") {
  double largest = 0;
  const auto check_long = [&]<MatmulShape S>(std::integral_constant<MatmulShape, S>) {
    const double error = long_product_error<S>();
    INFO(S.rows << " x " << S.columns << " x " << S.inner << (S.accumulate ? " added" : ""));
    CHECK(error < 1e-7);
    largest = std::max(largest, error);
  };
  check_long(std::integral_constant<MatmulShape, MatmulShape{2, 3, 5000}>{});  // short blocks, in double
  check_long(std::integral_constant<MatmulShape, MatmulShape{3, 21, 9000, false, true}>{});
  check_long(
      std::integral_constant<MatmulShape, MatmulShape{9, 40, 8192, true, false, 0, 0, true}>{});  // all in C
  check_long(std::integral_constant<MatmulShape, MatmulShape{31, 70, 20000, true, false, 0, 0, true}>{});
  check_long(std::integral_constant<MatmulShape, MatmulShape{150, 36, 8200, false, true, 0, 0, true}>{});
  std::printf("figure: products over up to 20000 elements within %.1e of the sum of their sizes (bar 1e-7)\n",
              largest);
}

}  // namespace ctgrad::test
