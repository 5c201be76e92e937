#include <plan/planned.hpp>
#include <plan/row_functions.hpp>

#include <support/catch.hpp>

/// Kernel calls by rows give what their members mean.
namespace ctgrad::test {

namespace {

using namespace row_functions;
using X = Tensor<3, 5>;
using Row = Tensor<5>;
using W = Tensor<5, 4>;

template <auto Function, class... Arguments>
void check_value() {
  CHECK(program_error<Function, Arguments...>() < 1e-10);
  CHECK(program_error<float, Function, Arguments...>(varied_inputs<Arguments...>()) < 2e-5);
}

constexpr auto softmax_of_constants = [](auto x) { return x + softmax(beside(x, constant<2, 3>(1.0))); };
constexpr auto sum_of_constants = [](auto x) { return x * sum<-1>(beside(x, constant<2, 3>(2.0)), keep); };

}  // namespace

TEST_CASE("rows of any width, and one row, have their values", "[graph]") {
  check_value<softmax_by_hand, Tensor<3, 1>>();
  check_value<softmax_by_hand, Tensor<1, 16>>();
  check_value<softmax_by_hand, Tensor<2, 2, 33>>();
  check_value<centred, Tensor<2, 17>>();
  check_value<normed, Tensor<1, 15>, Tensor<15>, Tensor<15>>();
  check_value<column_sums, Tensor<1, 17>, Tensor<1, 17>>();
  check_value<normed, Tensor<2, 1025>, Tensor<1025>, Tensor<1025>>();
}

TEST_CASE("what stays apart, and what is kept, has its values", "[graph]") {
  check_value<without_a_row_stride, Tensor<2, 3, 4>, Tensor<2, 4>>();
  check_value<beside_a_product, X, W, Tensor<3, 7>>();
  check_value<kept_exponentials, X, W>();
}

TEST_CASE("rows of constants are read from memory, once", "[graph]") {
  CHECK(program_error<softmax_of_constants, Tensor<2, 3>>() < 1e-15);
  CHECK(program_error<optimize<no_passes>(softmax_of_constants), Tensor<2, 3>>() < 1e-15);
  CHECK(program_error<optimize<no_passes>(sum_of_constants), Tensor<2, 3>>() < 1e-15);
}

}  // namespace ctgrad::test
