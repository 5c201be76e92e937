#include <ctgrad/ctgrad.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>
#include <support/views.hpp>

#include <limits>

namespace {

using namespace ctgrad;
using Catch::Matchers::Equals;
using runtime::InputList;

/// Where a float program reads argument 2, of tree type T.
template <class T, class Argument>
const void* place(const Argument& argument) {
  InputList<float, 1> list;
  list.add<T>(argument, 2);
  return list.data()[0];
}

/// What a program of such a scalar makes of argument 2 of rank 0.
template <class T, class Scalar = float, class Argument>
auto taken(Argument argument) {
  InputList<Scalar, 1> list;
  list.template add<T>(argument, 2);
  return *static_cast<const runtime::ElementOf<T::kind, Scalar>*>(list.data()[0]);
}

/// 0, 1, 2, ... of that shape.
template <class Element = float, std::size_t Rank>
xt::xtensor<Element, Rank> counting(std::array<std::size_t, Rank> shape) {
  xt::xtensor<Element, Rank> array(shape);
  std::iota(array.data(), array.data() + array.size(), Element{0});
  return array;
}

/// An array of any strides, as another library might have it; nothing of it is ever read.
struct Strided {
  std::vector<std::size_t> extents;
  std::vector<std::ptrdiff_t> strides_of_axes;

  const std::vector<std::size_t>& shape() const { return extents; }
  const std::vector<std::ptrdiff_t>& strides() const { return strides_of_axes; }
  const float* data() const { return nullptr; }

  /// By the definition: element number i in row-major order lies at i.
  bool is_row_major() const {
    std::size_t size = 1;
    for (const std::size_t extent : extents) size *= extent;
    for (std::size_t i = 0; i < size; ++i) {
      std::size_t rest = i;
      std::ptrdiff_t lies = 0;
      for (std::size_t axis = extents.size(); axis-- > 0; rest /= extents[axis])
        lies += static_cast<std::ptrdiff_t>(rest % extents[axis]) * strides_of_axes[axis];
      if (lies != static_cast<std::ptrdiff_t>(i)) return false;
    }
    return true;
  }
};

}  // namespace

TEST_CASE("dense views are read where they lie") {
  auto batches = counting<float, 3>({2, 3, 4});
  const float* first = batches.data();
  CHECK(place<Tensor<2, 3, 4>>(batches) == first);
  CHECK(place<Tensor<3, 4>>(xt::view(batches, 1)) == first + 12);
  CHECK(place<Tensor<4>>(xt::view(batches, 1, 2)) == first + 20);
  CHECK(place<Tensor<2>>(xt::view(batches, 1, 2, xt::range(1, 3))) == first + 21);
  CHECK(place<Tensor<2, 4>>(xt::view(batches, 1, xt::range(1, 3))) == first + 16);
  CHECK(place<Tensor<1, 4>>(xt::view(batches, xt::range(1, 2), 2)) == first + 20);
  CHECK(place<Tensor<4>>(xt::view(xt::view(batches, 1), 2)) == first + 20);
  CHECK(place<Tensor<4>>(xt::view(std::as_const(batches), 1, 2)) == first + 20);
  CHECK(place<Tensor<1, 1, 4>>(xt::view(batches, xt::newaxis(), xt::newaxis(), 1, 2)) == first + 20);
  CHECK(place<Tensor<3, 4>>(xt::strided_view(batches, {1})) == first + 12);
  CHECK(place<Tensor<1, 1>>(xt::view(batches, 1, xt::range(0, 1), xt::range(3, 4))) == first + 15);
  CHECK(place<Tensor<2, 3, 4>>(runtime::adapt<3>(first, shape_of(2, 3, 4))) == first);

  CHECK_NOTHROW(place<Tensor<0, 4>>(xt::view(batches, 1, xt::range(1, 1))));

  auto ids = counting<std::int32_t, 2>({3, 4});
  CHECK(place<Index<4>>(xt::view(ids, 2)) == ids.data() + 8);
  const RandomKey key = random_key(Seed{1}, 2);
  CHECK(place<Key>(key) == key.data());
}

TEST_CASE("taking a view allocates nothing") {
  auto batches = counting<float, 3>({2, 3, 4});
  const xt::xarray<float> dynamic = batches;
  const auto row = xt::view(batches, 1, 2);
  const auto rows = xt::view(dynamic, 1);
  const std::size_t before = test::allocations();
  const bool places =
      place<Tensor<4>>(row) == batches.data() + 20 && place<Tensor<3, 4>>(rows) == dynamic.data() + 12;
  CHECK(test::allocations() == before);
  CHECK(places);
}

TEST_CASE("a program computes with the batch that a view shows") {
  constexpr auto halved = [](auto x, auto ids) { return std::tuple{x * 0.5, sum(as_real(ids))}; };
  Program<halved, Tensor<3, 4>, Index<2>> program;
  auto batches = counting<float, 3>({2, 3, 4});
  auto ids = counting<std::int32_t, 2>({3, 2});
  const auto [half, total] = program(xt::view(batches, 1), xt::view(ids, 1));
  CHECK(half(0, 0) == 6);
  CHECK(half(2, 3) == 11.5F);
  CHECK(total == 5);

  const xt::xtensor<float, 2> before = half;
  CHECK_THROWS_WITH(
      program(xt::view(batches, 0), xt::view(ids, xt::range(0, 2), 1)),
      Equals("argument 2: expected row-major strides [1], got [2]; xt::xtensor<T, N>(x) is a dense copy"));
  CHECK(half == before);
}

TEST_CASE("views that are not dense and row-major are refused with their strides, of rank 1 as well") {
  auto batches = counting<float, 3>({2, 3, 4});
  auto row = counting<float, 1>({12});
  CHECK_THROWS_AS((place<Tensor<2, 4>>(xt::view(batches, xt::all(), 1))), std::invalid_argument);
  CHECK_THROWS_WITH((place<Tensor<2, 4>>(xt::view(batches, xt::all(), 1))),
                    Equals("argument 2: expected row-major strides [4, 1], got [12, 1]; xt::xtensor<T, N>(x) "
                           "is a dense copy"));
  CHECK_THROWS_WITH((place<Tensor<2, 3>>(xt::view(batches, xt::all(), xt::all(), 1))),
                    Equals("argument 2: expected row-major strides [3, 1], got [12, 4]; xt::xtensor<T, N>(x) "
                           "is a dense copy"));
  CHECK_THROWS_WITH(
      (place<Tensor<3>>(xt::view(batches, 0, xt::all(), 1))),
      Equals("argument 2: expected row-major strides [1], got [4]; xt::xtensor<T, N>(x) is a dense copy"));
  CHECK_THROWS_WITH(
      (place<Tensor<3>>(xt::view(row, xt::range(2, 8, 2)))),
      Equals("argument 2: expected row-major strides [1], got [2]; xt::xtensor<T, N>(x) is a dense copy"));
  CHECK_THROWS_WITH(
      (place<Tensor<6>>(xt::view(row, xt::range(8, 2, -1)))),
      Equals("argument 2: expected row-major strides [1], got [-1]; xt::xtensor<T, N>(x) is a dense copy"));
  const std::array<std::size_t, 1> three{3};
  const std::array<std::ptrdiff_t, 1> none{0};
  CHECK_THROWS_WITH(
      (place<Tensor<3>>(xt::adapt(row.data(), 3, xt::no_ownership(), three, none))),
      Equals("argument 2: expected row-major strides [1], got [0]; xt::xtensor<T, N>(x) is a dense copy"));
  const xt::xtensor<float, 2, xt::layout_type::column_major> columns = xt::view(batches, 1);
  CHECK_THROWS_WITH(
      (place<Tensor<3, 4>>(columns)),
      Equals(
          "argument 2: expected row-major strides [4, 1], got [1, 3]; xt::xtensor<T, N>(x) is a dense copy"));
}

TEST_CASE("what counts as dense is what the definition says, for any extents and strides") {
  std::uint64_t dense = 0, others = 0;
  Random random{Seed{test::seed()}};
  for (int trial = 0; trial < 4000; ++trial) {
    Strided array;
    std::ptrdiff_t stride = 1;
    for (std::uint32_t axis = random.below(4); axis-- > 0;) {
      const std::uint32_t extent = random.below(8) == 0 ? 0 : 1 + random.below(3);
      const bool dense_here = random.below(4) > 0;
      array.extents.insert(array.extents.begin(), extent);
      array.strides_of_axes.insert(array.strides_of_axes.begin(),
                                   dense_here ? stride : static_cast<std::ptrdiff_t>(random.below(12)) - 2);
      stride *= static_cast<std::ptrdiff_t>(extent);
    }
    INFO("seed " << test::seed() << ", trial " << trial << ", shape " << runtime::list_text(array.extents)
                 << ", strides " << runtime::list_text(array.strides_of_axes));
    REQUIRE(runtime::is_row_major(array) == array.is_row_major());
    ++(array.is_row_major() ? dense : others);
  }
  CHECK(dense > 500);
  CHECK(others > 500);
}

TEST_CASE("an expression or a list of rows has no memory, arrays and views have") {
  using Matrix = xt::xtensor<float, 2>;
  Matrix x = counting<float, 2>({2, 3});
  STATIC_REQUIRE(runtime::InMemory<Matrix>);
  STATIC_REQUIRE(runtime::InMemory<decltype(xt::view(x, 1))>);
  STATIC_REQUIRE(runtime::InMemory<decltype(xt::strided_view(x, {1}))>);
  STATIC_REQUIRE_FALSE(runtime::InMemory<decltype(x + x)>);
  STATIC_REQUIRE_FALSE(runtime::InMemory<decltype(xt::view(x + x, 1))>);
  STATIC_REQUIRE_FALSE(runtime::InMemory<decltype(xt::view(x, xt::keep(1, 0)))>);
  STATIC_REQUIRE_FALSE(runtime::InMemory<decltype(xt::strided_view(x + x, {1}))>);
}

TEST_CASE("an integer argument keeps its value or is refused") {
  constexpr std::int32_t low = std::numeric_limits<std::int32_t>::min();
  constexpr std::int32_t high = std::numeric_limits<std::int32_t>::max();
  CHECK(taken<Index<>>(std::int64_t{low}) == low);
  CHECK(taken<Index<>>(std::uint64_t{high}) == high);
  CHECK(taken<Index<>>(std::int8_t{-7}) == -7);
  const std::string expected = "argument 2: expected an integer from -2147483648 to 2147483647, got ";
  CHECK_THROWS_WITH(taken<Index<>>((std::int64_t{1} << 32) + 3), Equals(expected + "4294967299"));
  CHECK_THROWS_WITH(taken<Index<>>(std::int64_t{low} - 1), Equals(expected + "-2147483649"));
  CHECK_THROWS_WITH(taken<Index<>>(4294967295U), Equals(expected + "4294967295"));
  CHECK_THROWS_WITH(taken<Index<>>(std::size_t{1} << 63), Equals(expected + "9223372036854775808"));
  CHECK_THROWS_AS(taken<Index<>>(std::int64_t{high} + 1), std::out_of_range);
  STATIC_REQUIRE_FALSE(runtime::NumberFor<double, Kind::index>);
  STATIC_REQUIRE_FALSE(runtime::NumberFor<bool, Kind::index>);
  STATIC_REQUIRE_FALSE(runtime::NumberFor<int, Kind::mask>);
  CHECK(taken<Mask<>>(true));
}

TEST_CASE("a real argument is rounded or passed on, but never made infinite") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double largest = static_cast<double>(std::numeric_limits<float>::max());
  CHECK(taken<Tensor<>>(0.1) == 0.1F);
  CHECK(taken<Tensor<>>(3) == 3);
  CHECK(taken<Tensor<>>(-largest) == -std::numeric_limits<float>::max());
  CHECK(taken<Tensor<>>(infinity) == std::numeric_limits<float>::infinity());
  CHECK(taken<Tensor<>>(-infinity) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(taken<Tensor<>>(std::nan(""))));
  CHECK((taken<Tensor<>, double>(1e300) == 1e300));
  CHECK((taken<Tensor<>, double>(0.1F) == static_cast<double>(0.1F)));
  const std::string expected = "argument 2: expected a number of at most 3.4028235e+38 in magnitude, got ";
  CHECK_THROWS_WITH(taken<Tensor<>>(1e300), Equals(expected + "1e+300"));
  CHECK_THROWS_WITH(taken<Tensor<>>(-1e300), Equals(expected + "-1e+300"));
  CHECK_THROWS_AS(taken<Tensor<>>(std::nextafter(largest, infinity)), std::out_of_range);
  STATIC_REQUIRE_FALSE(runtime::NumberFor<const char*, Kind::real>);
}
