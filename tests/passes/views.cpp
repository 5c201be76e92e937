#include <plan/planned.hpp>

#include <support/catch.hpp>

/// Values that lie in the memory of others are read there.
namespace ctgrad::test {

namespace {

constexpr auto of_a_permutation = [](auto x, auto y) { return tanh(transpose(x)) * y; };
constexpr auto of_a_slice = [](auto x, auto y) { return slice<1, 1, 4>(x) * y + 1; };
constexpr auto of_a_permuted_slice = [](auto x, auto y) {
  return transpose(slice<0, 1, 3>(slice<1, 0, 2>(x))) - y;
};
constexpr auto of_a_broadcast = [](auto x, auto y) { return broadcast<3, 4>(transpose(x)) * y; };
constexpr auto of_a_reshaped_permutation = [](auto x, auto y) {
  return reshape<3, 2, 2>(transpose(x)) + reshape<3, 2, 2>(y);
};
constexpr auto of_split_heads = [](auto x, auto y) { return permute<1, 0, 2>(reshape<4, 2, 3>(x)) * y; };
constexpr auto of_merged_heads = [](auto x, auto y) { return reshape<4, 6>(permute<1, 0, 2>(x)) * y; };

constexpr auto product_of_heads = [](auto q, auto k) {
  return matmul(permute<1, 0, 2>(q), transpose(permute<1, 0, 2>(k)));
};
constexpr auto product_of_slices = [](auto x, auto w) {
  return matmul(slice<1, 1, 4>(x), slice<0, 2, 5>(transpose(w)));
};
constexpr auto product_with_one_matrix = [](auto x, auto w) { return matmul(x, reshape<1, 4, 3>(w)); };
constexpr auto product_with_a_column_of_strides = [](auto x, auto w) {
  return matmul(permute<2, 0, 1>(x), w);
};

/// x [2, 5, 5], w [2, 5, 5]: both operands with gaps between rows, stored as they are or transposed.
constexpr auto all_transposes = [](auto x, auto w) {
  const auto left = slice<2, 1, 4>(x);
  const auto left_transposed = transpose(slice<1, 1, 4>(slice<2, 0, 5>(transpose(x))));
  const auto upright = slice<1, 0, 3>(slice<2, 1, 3>(w));
  const auto lying = slice<1, 0, 3>(transpose(slice<1, 2, 4>(w)));
  return std::tuple{matmul(left, upright), matmul(left, lying), matmul(left_transposed, upright),
                    matmul(slice<2, 0, 3>(transpose(x)), upright),
                    matmul(slice<2, 0, 3>(transpose(x)), lying)};
};

constexpr auto given_views = [](auto x, auto y) {
  return std::tuple{transpose(x), slice<1, 1, 3>(x), broadcast<2, 3>(y), transpose(slice<1, 1, 3>(exp(x)))};
};

constexpr auto without_elements = [](auto x, auto y) {
  return std::tuple{transpose(x) + y, reshape<0>(transpose(x)) + 1, sum<0>(transpose(x))};
};
constexpr auto of_extent_one = [](auto x, auto y) {
  const auto turned = permute<2, 1, 0>(reshape<1, 3, 1>(x));
  return std::tuple{turned * reshape<1, 3, 1>(y), matmul(turned, permute<0, 2, 1>(turned)),
                    matmul(permute<0, 2, 1>(turned), turned) + 1};
};

// Views of a view that is copied, because it is a result: the copy has other strides.

constexpr auto reshape_of_a_copied_permutation = [](auto x, auto y) {
  const auto turned = transpose(x);
  return std::tuple{turned, reshape<6>(transpose(slice<1, 0, 2>(turned))) + y};
};
constexpr auto reshape_of_a_copied_broadcast = [](auto x, auto y) {
  const auto repeated = broadcast<2, 3>(x);
  return std::tuple{repeated, reshape<4>(slice<1, 0, 2>(repeated)) + y};
};
constexpr auto product_of_a_copied_permutation = [](auto x, auto w) {
  const auto turned = permute<2, 1, 0>(x);
  return std::tuple{turned, matmul(permute<2, 1, 0>(slice<0, 0, 3>(turned)), w)};
};
constexpr auto rows_of_a_copied_permutation = [](auto x, auto y) {
  const auto turned = transpose(x);
  return std::tuple{turned, softmax(transpose(slice<1, 0, 2>(turned))) + y};
};

/// One kernel call and no copy; the values also without the passes that could have moved the views.
template <auto Function, class... Arguments>
void check_read_in_place() {
  STATIC_REQUIRE(calls<Function, Arguments...> == 1);
  STATIC_REQUIRE(copies<Function, Arguments...> == 0);
  CHECK(program_error<Function, Arguments...>() < 1e-14);
  CHECK(program_error<optimize<no_passes>(Function), Arguments...>() < 1e-14);
}

}  // namespace

TEST_CASE("element by element, permutations, slices, broadcasts and reshapes are read where they lie",
          "[graph]") {
  check_read_in_place<of_a_permutation, Tensor<4, 3>, Tensor<3, 4>>();
  check_read_in_place<of_a_slice, Tensor<3, 5>, Tensor<3, 3>>();
  check_read_in_place<of_a_permuted_slice, Tensor<4, 3>, Tensor<2, 2>>();
  check_read_in_place<of_a_broadcast, Tensor<1, 3>, Tensor<3, 4>>();
  check_read_in_place<of_a_reshaped_permutation, Tensor<4, 3>, Tensor<12>>();
  check_read_in_place<of_split_heads, Tensor<4, 6>, Tensor<2, 4, 3>>();
}

TEST_CASE("a reshape whose strides cannot be said makes one copy, of the permutation in front of it",
          "[graph]") {
  using X = Tensor<2, 4, 3>;
  STATIC_REQUIRE(calls<of_merged_heads, X, Tensor<4, 6>> == 2);
  STATIC_REQUIRE(copies<of_merged_heads, X, Tensor<4, 6>> == 1);
  CHECK(program_error<of_merged_heads, X, Tensor<4, 6>>() == 0);
}

TEST_CASE("matrix products read heads, slices and a repeated matrix where they lie", "[graph]") {
  check_read_in_place<product_of_heads, Tensor<5, 2, 3>, Tensor<4, 2, 3>>();
  check_read_in_place<product_of_slices, Tensor<4, 5>, Tensor<2, 6>>();
  check_read_in_place<product_with_one_matrix, Tensor<2, 3, 4>, Tensor<4, 3>>();
}

TEST_CASE("operands of a product whose rows have gaps are read in all four combinations of transposes",
          "[graph]") {
  using X = Tensor<2, 5, 5>;
  STATIC_REQUIRE(calls<all_transposes, X, X> == 5);
  STATIC_REQUIRE(copies<all_transposes, X, X> == 0);
  CHECK(program_error<all_transposes, X, X>() < 1e-14);
  CHECK(program_error<float, all_transposes, X, X>(varied_inputs<X, X>()) < 1e-6);
}

TEST_CASE("a matrix neither of whose axes has stride 1 is copied in front of its product", "[graph]") {
  STATIC_REQUIRE(copies<product_with_a_column_of_strides, Tensor<3, 4, 2>, Tensor<2, 4, 3>> == 1);
  CHECK(program_error<product_with_a_column_of_strides, Tensor<3, 4, 2>, Tensor<2, 4, 3>>() < 1e-14);
}

TEST_CASE("results that are views have memory of their own", "[graph]") {
  using P = Planned<given_views, Tensor<2, 3>, Tensor<3>>;
  STATIC_REQUIRE(copies<given_views, Tensor<2, 3>, Tensor<3>> == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(P::plan.outputs[i].region == 0);
    for (std::size_t k = 0; k < i; ++k) CHECK(P::plan.outputs[i].offset != P::plan.outputs[k].offset);
  }
  CHECK(program_error<given_views, Tensor<2, 3>, Tensor<3>>() < 1e-15);
}

TEST_CASE("views without elements and along axes of extent 1 are read as any other", "[graph]") {
  const std::vector<Numbers> none = compute<double, without_elements, Tensor<0, 3>, Tensor<3, 0>>(
      varied_inputs<Tensor<0, 3>, Tensor<3, 0>>());
  CHECK(none[0].size() == 0);
  CHECK(none[1].size() == 0);
  CHECK(none[2].size() == 0);
  STATIC_REQUIRE(copies<of_extent_one, Tensor<3>, Tensor<3>> == 0);
  CHECK(program_error<of_extent_one, Tensor<3>, Tensor<3>>() < 1e-15);
}

TEST_CASE("a view of a view that is copied reads the copy by the copy's strides", "[graph]") {
  CHECK(program_error<reshape_of_a_copied_permutation, Tensor<4, 3>, Tensor<6>>() == 0);
  CHECK(program_error<reshape_of_a_copied_broadcast, Tensor<1>, Tensor<4>>() == 0);
  CHECK(program_error<product_of_a_copied_permutation, Tensor<2, 3, 4>, Tensor<2, 3, 5>>() < 1e-14);
  CHECK(program_error<rows_of_a_copied_permutation, Tensor<4, 3>, Tensor<2, 3>>() < 1e-14);
}

}  // namespace ctgrad::test
