#include <ctgrad/base/shape.hpp>
#include <ctgrad/graph/tensor.hpp>

#include <support/catch.hpp>

#include <stdexcept>

using ctgrad::broadcast_shape;
using ctgrad::broadcastable;
using ctgrad::shape_of;

TEST_CASE("shapes broadcast when extents, aligned at the last axis, are equal or 1", "[graph]") {
  STATIC_REQUIRE(broadcastable(shape_of(2, 3), shape_of(3)));
  STATIC_REQUIRE(broadcastable(shape_of(2, 3), shape_of(2, 1)));
  STATIC_REQUIRE(broadcastable(shape_of(2, 1), shape_of(1, 3)));
  STATIC_REQUIRE(broadcastable(shape_of(), shape_of(2, 3)));
  STATIC_REQUIRE(broadcastable(shape_of(0), shape_of(1)));
  STATIC_REQUIRE_FALSE(broadcastable(shape_of(2, 3), shape_of(2)));
  STATIC_REQUIRE_FALSE(broadcastable(shape_of(2), shape_of(3)));
  STATIC_REQUIRE_FALSE(broadcastable(shape_of(0), shape_of(2)));
}

TEST_CASE("the common shape is the longer one with every extent of 1 replaced", "[graph]") {
  STATIC_REQUIRE(broadcast_shape(shape_of(2, 3), shape_of(3)) == shape_of(2, 3));
  STATIC_REQUIRE(broadcast_shape(shape_of(3), shape_of(2, 3)) == shape_of(2, 3));
  STATIC_REQUIRE(broadcast_shape(shape_of(2, 1), shape_of(1, 3)) == shape_of(2, 3));
  STATIC_REQUIRE(broadcast_shape(shape_of(4, 1, 3), shape_of(2, 1)) == shape_of(4, 2, 3));
  STATIC_REQUIRE(broadcast_shape(shape_of(), shape_of(2)) == shape_of(2));
  STATIC_REQUIRE(broadcast_shape(shape_of(1), shape_of(0)) == shape_of(0));
}

TEST_CASE("a shape's size, rows and strides are those of a dense row-major array", "[graph]") {
  STATIC_REQUIRE(shape_of().size() == 1);
  STATIC_REQUIRE(shape_of(2, 3, 4).size() == 24);
  STATIC_REQUIRE(shape_of(2, 0, 4).size() == 0);
  STATIC_REQUIRE(shape_of(2, 3, 4).rows() == 6);
  STATIC_REQUIRE(shape_of(2, 3, 4).last() == 4);
  STATIC_REQUIRE(ctgrad::row_major_strides(shape_of(2, 3, 4)) == shape_of(12, 4, 1));
  STATIC_REQUIRE(ctgrad::row_major_strides(shape_of()) == shape_of());
}

TEST_CASE("negative axes count from the end", "[graph]") {
  STATIC_REQUIRE(ctgrad::normal_axis(-1, 3) == 2);
  STATIC_REQUIRE(ctgrad::normal_axis(0, 3) == 0);
  STATIC_REQUIRE(ctgrad::axis<-3>::exists_in_rank<3>);
  STATIC_REQUIRE_FALSE(ctgrad::axis<-4>::exists_in_rank<3>);
  STATIC_REQUIRE_FALSE(ctgrad::axis<3>::exists_in_rank<3>);
}

TEST_CASE("a shape has at most 6 axes", "[graph]") {
  ctgrad::Shape shape = shape_of(1, 1, 1, 1, 1);
  shape.push_back(2);
  CHECK(shape == shape_of(1, 1, 1, 1, 1, 2));
  CHECK_THROWS_AS(shape.push_back(2), std::length_error);
}

TEST_CASE("shapes and types print as people write them", "[graph]") {
  CHECK(to_string(shape_of()) == "[]");
  CHECK(to_string(shape_of(32, 12, 0)) == "[32, 12, 0]");
  CHECK(ctgrad::to_string(ctgrad::Size{-120}) == "-120");
  CHECK(to_string(ctgrad::Index<2, 3>::type) == "index [2, 3]");
  CHECK(to_string(ctgrad::Mask<>::type) == "mask []");
}
