#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/sgd.hpp>

#include <support/catch.hpp>
#include <train/buffers.hpp>

#include <cmath>
#include <string>
#include <vector>

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

using ctgrad::test::Buffer;
using ctgrad::test::infinity;
using ctgrad::test::NamedBuffer;
using ctgrad::test::normal_numbers;
using ctgrad::test::not_a_number;
using ctgrad::test::refusal;

/// Adam as the paper writes it, one number and one step at a time.
struct NaiveAdam {
  double rate, beta1, beta2, epsilon;
  double m = 0, v = 0;
  int t = 0;

  double step(double parameter, double g) {
    ++t;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    double power1 = 1, power2 = 1;
    for (int i = 0; i < t; ++i) power1 *= beta1, power2 *= beta2;
    return parameter - rate * (m / (1 - power1)) / (std::sqrt(v / (1 - power2)) + epsilon);
  }
};

}  // namespace

TEST_CASE("Adam's first two steps are those worked out by hand", "[optimizer]") {
  // beta1 = beta2 = 1/2, rate 1, epsilon 1. Step 1, g = 3: m' = 3, v' = 9, so 10 - 3/(3+1).
  // Step 2, g = -1: m = -1/2 + 3/4, m' = (1/4)/(3/4); v = 1/2 + 9/4, v' = (11/4)/(3/4).
  std::vector<double> parameter{10};
  ctgrad::Adam<double> adam(1, {.learning_rate = 1, .beta1 = 0.5, .beta2 = 0.5, .epsilon = 1});
  adam.update(parameter, std::vector<double>{3});
  CHECK_THAT(parameter[0], WithinRel(9.25, 1e-15));
  adam.update(parameter, std::vector<double>{-1});
  CHECK_THAT(parameter[0], WithinRel(9.25 - (1.0 / 3) / (std::sqrt(11.0 / 3) + 1), 1e-15));
  CHECK(adam.steps() == 2);
}

TEST_CASE("Adam's epsilon is outside the root and after the correction of bias", "[optimizer]") {
  std::vector<double> parameter{0};
  ctgrad::Adam<double> adam(1, {.learning_rate = 1, .epsilon = 1e-8});
  adam.update(parameter,
              std::vector<double>{1e-8});  // m' = sqrt(v') = epsilon; inside the root it would be 1e-4
  CHECK_THAT(parameter[0], WithinRel(-0.5, 1e-12));
}

TEMPLATE_TEST_CASE("a buffer goes through Adam as each of its numbers does alone", "[optimizer]", float,
                   double) {
  const std::size_t size = 37;  // no multiple of a vector's width
  const int steps = 50;
  std::vector<TestType> parameters = normal_numbers<TestType>(size, 0);
  std::vector<double> expected(parameters.begin(), parameters.end());
  std::vector<NaiveAdam> naive(size, {1e-2, 0.9, 0.999, 1e-8});
  ctgrad::Adam<TestType> adam(size, {.learning_rate = 1e-2});
  for (int step = 1; step <= steps; ++step) {
    const auto gradients = normal_numbers<TestType>(size, static_cast<std::uint64_t>(step));
    adam.update(parameters, gradients);
    for (std::size_t i = 0; i < size; ++i) {
      expected[i] = naive[i].step(expected[i], static_cast<double>(gradients[i]));
    }
  }
  INFO("seed 21");
  const double bar = std::is_same_v<TestType, float> ? 1e-5 : 1e-13;
  for (std::size_t i = 0; i < size; ++i) {
    CHECK_THAT(static_cast<double>(parameters[i]), WithinAbs(expected[i], bar));
  }
}

TEST_CASE("Sgd's velocity is the sum of the gradients, each older by a factor of the momentum",
          "[optimizer]") {
  std::vector<double> parameters{1, 2};
  ctgrad::Sgd<double> sgd(2, {.learning_rate = 0.5, .momentum = 0.25});
  sgd.update(parameters, std::vector<double>{4, -8});
  CHECK(parameters == std::vector<double>{-1, 6});
  sgd.update(parameters, std::vector<double>{1, 0});  // velocities 1 + 4/4 and 0 - 8/4
  CHECK(parameters == std::vector<double>{-2, 7});
  CHECK(sgd.steps() == 2);
}

TEST_CASE("without momentum Sgd is plain descent, and a new learning rate takes effect at once",
          "[optimizer]") {
  std::vector<float> parameters{1};
  ctgrad::Sgd<float> sgd(1, {.learning_rate = 0.5});
  sgd.update(parameters, std::vector<float>{1});
  sgd.set_learning_rate(0.25);
  sgd.update(parameters, std::vector<float>{1});
  CHECK(parameters[0] == 0.25f);
  CHECK(sgd.learning_rate() == 0.25);
}

TEST_CASE("a learning rate of zero leaves Adam's parameters, and the means still move", "[optimizer]") {
  std::vector<double> parameter{1};
  ctgrad::Adam<double> adam(1, {.learning_rate = 0, .beta1 = 0.5, .beta2 = 0.5, .epsilon = 1});
  adam.update(parameter, std::vector<double>{3});
  CHECK(parameter[0] == 1);
  adam.set_learning_rate(1);
  adam.update(parameter, std::vector<double>{-1});
  CHECK_THAT(parameter[0], WithinRel(1 - (1.0 / 3) / (std::sqrt(11.0 / 3) + 1), 1e-15));
}

TEST_CASE("an optimiser takes its number type and size from the parameters", "[optimizer]") {
  Buffer<float> parameters{{1, 2, 3}};
  const Buffer<float> gradients{{1, 0, -1}};
  ctgrad::Adam adam{parameters, {.learning_rate = 1e-3}};
  ctgrad::Sgd sgd{parameters, {.learning_rate = 1, .momentum = 0.5}};
  const ctgrad::Adam plain{parameters};
  static_assert(std::is_same_v<decltype(adam), ctgrad::Adam<float>>);
  static_assert(std::is_same_v<decltype(sgd), ctgrad::Sgd<float>>);
  CHECK(plain.size() == 3);
  sgd.update(parameters, gradients);
  CHECK(parameters.numbers == std::vector<float>{0, 2, 4});
  adam.update(parameters, gradients);
  CHECK_THAT(parameters.numbers[0], WithinAbs(-1e-3, 1e-6));
  CHECK(parameters.numbers[1] == 2);
}

TEMPLATE_TEST_CASE("the first number that is not finite is found, wherever it is", "[optimizer]", float,
                   double) {
  using Limits = std::numeric_limits<TestType>;
  std::vector<TestType> numbers{0,
                                -TestType{0},
                                Limits::max(),
                                Limits::lowest(),
                                Limits::min(),
                                -1,
                                Limits::denorm_min(),
                                1,
                                -Limits::min(),
                                2};
  CHECK(ctgrad::first_non_finite<TestType>(numbers) == numbers.size());
  CHECK(ctgrad::first_non_finite<TestType>({}) == 0);
  for (const TestType bad :
       {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN()}) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      std::vector<TestType> spoilt = numbers;
      spoilt[i] = bad;
      spoilt.back() = bad;
      CHECK(ctgrad::first_non_finite<TestType>(spoilt) == i);
    }
  }
}

TEMPLATE_TEST_CASE("a gradient that is not finite is refused by name, and nothing has changed by then",
                   "[optimizer]", ctgrad::Adam<double>, ctgrad::Sgd<double>) {
  NamedBuffer parameters{{{1, 2, 3}}};
  NamedBuffer untouched = parameters;
  TestType optimizer(parameters), twin(parameters);
  for (const double bad : {infinity, -infinity, not_a_number}) {
    const auto refused = refusal<ctgrad::NonFiniteGradient>([&] {
      optimizer.update(parameters, Buffer<double>{{1, 1, bad}});
    });
    CHECK(refused == "step 1: gradient[2] of bias: expected a finite number, got " + ctgrad::shortest(bad));
    CHECK(parameters.numbers == untouched.numbers);
    CHECK(optimizer.steps() == 0);
  }
  CHECK(refusal<ctgrad::NonFiniteGradient>([&] {
          optimizer.update(parameters.flat(), std::vector{not_a_number, 0., 0.});
        }) == "step 1: gradient[0]: expected a finite number, got nan");
  optimizer.update(parameters, Buffer<double>{{1, 1, 1}});
  twin.update(untouched, Buffer<double>{{1, 1, 1}});
  CHECK(parameters.numbers == untouched.numbers);
}

TEMPLATE_TEST_CASE("buffers of another size are refused, and nothing has changed by then", "[optimizer]",
                   ctgrad::Adam<double>, ctgrad::Sgd<double>) {
  TestType optimizer(3);
  const std::string name = std::is_same_v<TestType, ctgrad::Adam<double>> ? "Adam" : "Sgd";
  std::vector<double> two{1, 2}, three{1, 2, 3};
  CHECK(refusal<std::invalid_argument>([&] { optimizer.update(two, three); }) ==
        name + ": parameters: expected 3 numbers, got 2");
  CHECK(refusal<std::invalid_argument>([&] { optimizer.update(three, two); }) ==
        name + ": gradients: expected 3 numbers, got 2");
  CHECK(three == std::vector<double>{1, 2, 3});
  CHECK(optimizer.steps() == 0);
}

TEST_CASE("an optimiser of size zero steps", "[optimizer]") {
  ctgrad::Adam<double> adam(0);
  adam.update({}, {});
  CHECK(adam.steps() == 1);
}

TEST_CASE("options out of range are refused by name", "[optimizer]") {
  const auto adam = [](ctgrad::AdamOptions options) {
    return refusal<std::invalid_argument>([&] { ctgrad::Adam<double>(1, options); });
  };
  CHECK(adam({.learning_rate = -1}) == "Adam: learning_rate: expected a finite number of at least 0, got -1");
  CHECK(adam({.learning_rate = not_a_number}) ==
        "Adam: learning_rate: expected a finite number of at least 0, got nan");
  CHECK(adam({.learning_rate = infinity}) ==
        "Adam: learning_rate: expected a finite number of at least 0, got inf");
  CHECK(adam({.beta1 = 1}) == "Adam: beta1: expected [0, 1), got 1");
  CHECK(adam({.beta1 = -0.1}) == "Adam: beta1: expected [0, 1), got -0.1");
  CHECK(adam({.beta2 = not_a_number}) == "Adam: beta2: expected [0, 1), got nan");
  CHECK(adam({.epsilon = 0}) == "Adam: epsilon: expected a finite number above 0, got 0");
  CHECK(adam({.epsilon = infinity}) == "Adam: epsilon: expected a finite number above 0, got inf");
  CHECK(refusal<std::invalid_argument>([] { ctgrad::Adam<float>(1, {.epsilon = 1e-60}); }) ==
        "Adam: epsilon: expected a finite number above 0, got 1e-60, which is 0 as a float");
  CHECK(refusal<std::invalid_argument>([] { ctgrad::Sgd<float>(1, {.momentum = 1}); }) ==
        "Sgd: momentum: expected [0, 1), got 1");
  ctgrad::Adam<double> kept(1);
  CHECK_THROWS_AS(kept.set_learning_rate(not_a_number), std::invalid_argument);
  CHECK(kept.learning_rate() == 1e-3);
}
