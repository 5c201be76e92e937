#include <plan/row_functions.hpp>

#include <ctgrad/autodiff/jacobian.hpp>

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/compute.hpp>
#include <support/draw.hpp>

#include <cstdio>

/// Kernel calls that work by rows compute what the plain operations do.
namespace ctgrad::test {

namespace {

using namespace row_functions;

/// The value, the gradient and the Hessian times a vector of the cubed sum, and a tangent; not along x, which
/// normalisation takes for no direction at all.
template <auto F>
constexpr auto everything = [](auto x, auto... others) {
  const auto direction = x * x - 0.3;
  return std::tuple{F(x, others...), grad<0>(cubed<F>)(x, others...), hvp(cubed<F>)(x, others..., direction),
                    jvp<0>(F)(x, others..., direction).tangent};
};

/// The largest difference as a share of the largest magnitude.
double share_between(const Numbers& a, const Numbers& b) {
  double difference = 0;
  double magnitude = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference = std::max(difference, std::abs(a.data()[i] - b.data()[i]));
    magnitude = std::max(magnitude, std::abs(b.data()[i]));
  }
  return magnitude == 0 ? difference : difference / magnitude;
}

/// Holds the calls of a function and of its derivatives against plain operations, in double and in float.
template <auto F, class... Arguments>
void check() {
  Random random(Seed{seed()});
  std::vector<Numbers> inputs;
  for (const Shape& shape : {Arguments::shape...}) {
    inputs.emplace_back(extents(shape));
    for (double& number : inputs.back()) number = 0.5 * random.normal();
  }
  const auto plain = compute<double, optimize<no_passes>(everything<F>), Arguments...>(inputs);
  const auto found = compute<double, everything<F>, Arguments...>(inputs);
  const auto in_float = compute<float, everything<F>, Arguments...>(inputs);
  REQUIRE(found.size() == 4);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    INFO("result " << i << " of value, gradient, Hessian times vector, tangent");
    CHECK(all_finite(plain[i]));
    CHECK(share_between(found[i], plain[i]) < 1e-12);
    CHECK(share_between(in_float[i], plain[i]) < 2e-5);
  }
}

}  // namespace

TEST_CASE("layer normalisation by rows is its plain self in every derivative") {
  check<normed, Tensor<3, 5>, Tensor<5>, Tensor<5>>();
  check<normed, Tensor<1, 33>, Tensor<33>, Tensor<33>>();
  check<normed_sum, Tensor<2, 2, 17>, Tensor<2, 2, 17>, Tensor<17>, Tensor<17>>();
}

TEST_CASE("softmax by rows is its plain self in every derivative") {
  check<scaled_softmax, Tensor<4, 17>, Tensor<17, 3>>();
  check<masked_softmax, Tensor<3, 16>, Tensor<3, 16>, Tensor<16, 2>>();
  check<softmax_by_hand, Tensor<2, 3, 33>>();
}

TEST_CASE("folds, numbers a row and sums of columns are their plain selves in every derivative") {
  check<log_of_sum, Tensor<3, 5>, Tensor<3, 5>>();
  check<by_the_row_sum, Tensor<5, 18>>();
  check<centred, Tensor<4, 32>>();
  check<column_sums, Tensor<6, 19>, Tensor<6, 19>>();
  check<kept_exponentials, Tensor<3, 5>, Tensor<5, 4>>();
}

TEST_CASE("what stays out of the rows' call, or ends a product beside it, is right too") {
  check<without_a_row_stride, Tensor<2, 3, 4>, Tensor<2, 4>>();
  check<beside_a_product, Tensor<3, 5>, Tensor<5, 4>, Tensor<3, 7>>();
}

}  // namespace ctgrad::test
