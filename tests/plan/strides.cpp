#include <ctgrad/ops/registry.hpp>
#include <ctgrad/plan/views.hpp>
#include <ctgrad/runtime/random.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cstdio>

/// Strides of views against a walk over all their elements.
namespace ctgrad::test {

namespace {

struct Layout {
  Shape shape;
  Shape strides;
};

/// Where every element lies, in row-major order.
std::vector<Size> offsets(const Layout& layout) {
  std::vector<Size> found{0};
  for (int axis = 0; axis < layout.shape.rank; ++axis) {
    std::vector<Size> longer;
    for (const Size offset : found) {
      for (Size i = 0; i < layout.shape[axis]; ++i) longer.push_back(offset + i * layout.strides[axis]);
    }
    found = longer;
  }
  return found;
}

void swap_axes(Layout& layout, int a, int b) {
  std::swap(layout.shape[a], layout.shape[b]);
  std::swap(layout.strides[a], layout.strides[b]);
}

/// A dense tensor of 1 to 4 axes, some of them then cut, repeated or put in another place.
Layout random_view(Random& random, bool may_be_empty) {
  Layout layout;
  const int rank = 1 + static_cast<int>(random.below(4));
  for (int axis = 0; axis < rank; ++axis) layout.shape.push_back(1 + random.below(4));
  if (may_be_empty && random.below(20) == 0) layout.shape[0] = 0;
  layout.strides = row_major_strides(layout.shape);
  for (int axis = 0; axis < rank; ++axis) {
    const std::uint32_t change = random.below(6);
    if (change == 0 && layout.shape[axis] > 1) layout.shape[axis] -= 1;
    if (change == 1) layout.strides[axis] = 0;
    if (change == 2)
      swap_axes(layout, axis, static_cast<int>(random.below(static_cast<std::uint32_t>(rank))));
  }
  return layout;
}

/// As many elements in other axes.
Shape random_reshape(Random& random, const Shape& from) {
  Shape to;
  if (from.size() == 0) return shape_of(2, 0);
  Size left = from.size();
  while (left > 1 && to.rank < max_rank - 1) {
    Size extent = 1 + random.below(static_cast<std::uint32_t>(std::min<Size>(left, 12)));
    while (left % extent != 0) --extent;
    to.push_back(extent);
    left /= extent;
  }
  to.push_back(left);
  return to;
}

/// Says whether elements at these offsets can be reached by strides along the axes of a shape.
bool has_strides(const Shape& shape, const std::vector<Size>& wanted) {
  if (wanted.size() <= 1) return true;
  const Shape dense = row_major_strides(shape);
  Layout layout{shape, Shape{{}, shape.rank}};
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] > 1) layout.strides[axis] = wanted[static_cast<std::size_t>(dense[axis])];
  }
  return offsets(layout) == wanted;
}

std::string to_text(const Layout& layout) {
  return to_string(layout.shape) + " with strides " + to_string(layout.strides);
}

/// Where the kernel of a product finds the elements of a stack of matrices.
std::vector<Size> offsets_in_product(const Shape& shape, Shape strides) {
  for (int axis = 0; axis < shape.rank; ++axis) {
    if (shape[axis] == 1) strides[axis] = 0;
  }
  const Size rows = shape[shape.rank - 2];
  const Size columns = shape.last();
  bool transposed = false;
  Size stride = ops::Matmul::stride_of_rows(shape, strides, transposed);
  if (stride == 0) stride = transposed ? rows : columns;
  std::vector<Size> found;
  for (Size i = 0; i < shape.size() / (rows * columns); ++i) {
    const Size first = ops::Matmul::stacked(i, shape, strides);
    for (Size row = 0; row < rows; ++row) {
      for (Size column = 0; column < columns; ++column)
        found.push_back(first + (transposed ? column * stride + row : row * stride + column));
    }
  }
  return found;
}

constexpr bool reshapes(const Shape& from, const Shape& strides, const Shape& to, const Shape& expected) {
  Shape found;
  return ops::reshape_strides(from, strides, to, found) && found == expected;
}
constexpr bool needs_a_copy(const Shape& from, const Shape& strides, const Shape& to) {
  Shape found;
  return !ops::reshape_strides(from, strides, to, found);
}

}  // namespace

TEST_CASE("reshapes of views have the strides that NumPy gives them", "[graph]") {
  STATIC_REQUIRE(reshapes(shape_of(4, 6), shape_of(6, 1), shape_of(2, 2, 6), shape_of(12, 6, 1)));
  STATIC_REQUIRE(reshapes(shape_of(3, 4), shape_of(1, 3), shape_of(3, 2, 2), shape_of(1, 6, 3)));
  STATIC_REQUIRE(reshapes(shape_of(3, 4), shape_of(8, 2), shape_of(12), shape_of(2)));
  STATIC_REQUIRE(reshapes(shape_of(2, 1, 3), shape_of(5, 77, 1), shape_of(2, 3), shape_of(5, 1)));
  STATIC_REQUIRE(reshapes(shape_of(4, 3), shape_of(0, 1), shape_of(2, 2, 3), shape_of(0, 0, 1)));
  STATIC_REQUIRE(needs_a_copy(shape_of(3, 4), shape_of(1, 3), shape_of(12)));
  STATIC_REQUIRE(needs_a_copy(shape_of(2, 3), shape_of(5, 1), shape_of(6)));
  STATIC_REQUIRE(needs_a_copy(shape_of(2, 3), shape_of(0, 1), shape_of(3, 2)));
  STATIC_REQUIRE(reshapes(shape_of(0, 3), shape_of(1, 7), shape_of(2, 0), row_major_strides(shape_of(2, 0))));
}

TEST_CASE("a reshaped view has strides exactly where a walk over its elements finds some", "[graph]") {
  Random random{Seed{seed()}};
  int with = 0;
  constexpr int runs = 20000;
  for (int run = 0; run < runs; ++run) {
    const Layout from = random_view(random, true);
    Layout to{random_reshape(random, from.shape), {}};
    const std::vector<Size> wanted = offsets(from);
    INFO("run " << run << ": " << to_text(from) << " to " << to_string(to.shape));
    const bool found = ops::reshape_strides(from.shape, from.strides, to.shape, to.strides);
    REQUIRE(found == has_strides(to.shape, wanted));
    if (found) REQUIRE(offsets(to) == wanted);
    with += found ? 1 : 0;
  }
  std::printf("figure: reshapes of views %d, with strides %d\n", runs, with);
  CHECK(with > runs / 10);
  CHECK(with < runs - runs / 10);
}

TEST_CASE("dense views and views with one stride from row to row are known as such", "[graph]") {
  Random random{Seed{seed()}, 1};
  for (int run = 0; run < 5000; ++run) {
    const Layout view = random_view(random, false);
    INFO("run " << run << ": " << to_text(view));
    const std::vector<Size> found = offsets(view);
    const bool dense = found == offsets({view.shape, row_major_strides(view.shape)});
    REQUIRE(is_row_major(view.shape, view.strides) == dense);
    std::vector<Size> firsts;
    for (std::size_t i = 0; i < found.size(); i += static_cast<std::size_t>(view.shape.last()))
      firsts.push_back(found[i]);
    const Size stride = firsts.size() > 1 ? firsts[1] : 0;
    bool even = true;
    for (std::size_t i = 0; i < firsts.size(); ++i) even = even && firsts[i] == static_cast<Size>(i) * stride;
    REQUIRE(plan::row_stride(view.shape, view.strides) == (even ? stride : -1));
  }
}

TEST_CASE("a product reads what it accepts where it lies", "[graph]") {
  Random random{Seed{seed()}, 2};
  int accepted = 0;
  for (int run = 0; run < 20000; ++run) {
    const Layout view = random_view(random, false);
    if (view.shape.rank < 2 || !ops::Matmul::accepts_strides(view.shape, view.strides)) continue;
    INFO("run " << run << ": " << to_text(view));
    REQUIRE(offsets_in_product(view.shape, view.strides) == offsets(view));
    ++accepted;
  }
  std::printf("figure: operands of products accepted %d\n", accepted);
  CHECK(accepted > 1000);
}

TEST_CASE("a product accepts gaps between rows or columns and any stack, but one axis has stride 1",
          "[graph]") {
  constexpr auto accepts = ops::Matmul::accepts_strides;
  STATIC_REQUIRE(accepts(shape_of(3, 4), shape_of(4, 1)));
  STATIC_REQUIRE(accepts(shape_of(3, 4), shape_of(9, 1)));
  STATIC_REQUIRE(accepts(shape_of(3, 4), shape_of(1, 3)));
  STATIC_REQUIRE(accepts(shape_of(3, 4), shape_of(1, 9)));
  STATIC_REQUIRE(accepts(shape_of(2, 3, 4), shape_of(0, 4, 1)));
  STATIC_REQUIRE(accepts(shape_of(2, 3, 4), shape_of(4, 8, 1)));
  STATIC_REQUIRE(accepts(shape_of(2, 3, 4), shape_of(0, 1, 3)));
  STATIC_REQUIRE(accepts(shape_of(1, 4), shape_of(0, 1)));
  STATIC_REQUIRE_FALSE(accepts(shape_of(3, 4), shape_of(8, 2)));
  STATIC_REQUIRE_FALSE(accepts(shape_of(3, 4), shape_of(0, 1)));
  STATIC_REQUIRE_FALSE(accepts(shape_of(3, 4), shape_of(1, 0)));
  STATIC_REQUIRE_FALSE(accepts(shape_of(3, 4), shape_of(0, 0)));
}

}  // namespace ctgrad::test
