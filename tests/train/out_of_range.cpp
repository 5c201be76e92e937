#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/sgd.hpp>

#include <support/catch.hpp>
#include <train/buffers.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace ctgrad;
using test::bits;
using test::refusal;
using test::state_bits;

namespace {

/// Parameters as models have them, in float.
struct Named : test::Buffer<float> {
  std::string name_of(std::size_t index) const { return index + 1 < size() ? "weight" : "bias"; }
};

/// What update refuses gradients times a factor with; nothing may have changed then.
template <class Refused, class Optimizer>
std::string refused(Optimizer& optimizer, const std::vector<float>& gradients, double factor,
                    MaxNorm max_norm = {}) {
  Named parameters{{{1, 2, 3}}};
  const auto before = bits<float>(parameters.numbers);
  const auto state = state_bits(optimizer);
  const std::uint64_t steps = optimizer.steps();
  std::string message = refusal<Refused>(
      [&] { optimizer.update(parameters, ScaledGradients<float>(gradients, factor), max_norm); });
  CHECK(bits<float>(parameters.numbers) == before);
  CHECK(state_bits(optimizer) == state);
  CHECK(optimizer.steps() == steps);
  return message;
}

template <class Optimizer>
constexpr bool squares = !std::is_same_v<Optimizer, Sgd<float>>;

}  // namespace

TEMPLATE_TEST_CASE("a factor that the number type does not hold is refused", "[optimizer]", Adam<float>,
                   AdamW<float>, Sgd<float>) {
  TestType optimizer(3);
  std::vector<float> numbers{1, 2, 3};
  optimizer.update(numbers, std::vector<float>{1, 1, 1});
  const std::string factor = "step 2: factor of the gradients: expected a finite number, got ";
  for (const std::vector<float>& gradients : {std::vector<float>{1, -1, 2}, std::vector<float>{0, 0, 0}}) {
    CHECK(refused<NonFiniteNumber>(optimizer, gradients, 1e39) ==
          factor + "1e+39, which is infinite as a float");
    CHECK(refused<NonFiniteNumber>(optimizer, gradients, -1e39) ==
          factor + "-1e+39, which is infinite as a float");
    CHECK(refused<NonFiniteNumber>(optimizer, gradients, test::infinity) == factor + "inf");
    CHECK(refused<NonFiniteNumber>(optimizer, gradients, test::not_a_number) == factor + "nan");
  }
  Named parameters{{{1, 2, 3}}};  // clipping may bring it back
  optimizer.update(parameters, ScaledGradients<float>(std::vector<float>{3, 0, -4}, 1e39), MaxNorm(1));
  for (const float number : parameters.numbers) CHECK(std::isfinite(number));
  CHECK(optimizer.steps() == 2);
}

TEMPLATE_TEST_CASE("a finite gradient that a finite factor takes too far is refused by name", "[optimizer]",
                   Adam<float>, AdamW<float>, Sgd<float>) {
  TestType optimizer(3);
  const std::string made = std::string(" times 1e+30") + (squares<TestType> ? ", squared" : "") +
                           ": expected a finite number, got ";
  CHECK(refused<NonFiniteGradient>(optimizer, {1, 1e10f, 1e11f}, 1e30) ==
        (squares<TestType> ? "step 1: gradient[0] of weight" + made + "inf"
                           : "step 1: gradient[1] of weight" + made + "inf"));
  CHECK(refused<NonFiniteGradient>(optimizer, {0, 0, -1e10f}, 1e30) ==
        "step 1: gradient[2] of bias" + made + (squares<TestType> ? "inf" : "-inf"));
  CHECK(refused<NonFiniteGradient>(optimizer, {0, test::not_a_number, 0}, 1e30) ==
        "step 1: gradient[1] of weight: expected a finite number, got nan");
}

TEMPLATE_TEST_CASE("Adam refuses a gradient whose square is beyond the largest number", "[optimizer]",
                   Adam<float>, AdamW<float>) {
  TestType optimizer(3);
  const float root = std::sqrt(std::numeric_limits<float>::max());
  CHECK(refused<NonFiniteGradient>(optimizer, {1, 2, -2 * root}, 1) ==
        "step 1: gradient[2] of bias, squared: expected a finite number, got inf");
  CHECK(refused<NonFiniteGradient>(optimizer, {1, 2, std::nextafter(root, 0.0F)}, 1) ==
        "step 1: gradient[2] of bias, squared: expected a finite number, got inf");  // else it would be
                                                                                     // rounded to that
  Named parameters{{{1, 2, 3}}};
  optimizer.update(parameters, test::Buffer<float>{{1, 2, root / 2}});
  for (const float number : parameters.numbers) CHECK(std::isfinite(number));
  for (const auto& buffer : optimizer.state()) {
    for (const float number : buffer.numbers) CHECK(std::isfinite(number));
  }
}

TEST_CASE("Sgd takes gradients up to the largest number", "[optimizer]") {
  constexpr float largest = std::numeric_limits<float>::max();
  Sgd<float> sgd(1, {.learning_rate = 0.5});
  std::vector<float> parameters{0};
  sgd.update(parameters, std::vector<float>{-largest});
  CHECK(parameters[0] == largest / 2);
}

TEST_CASE("options that the number type does not hold are refused by name", "[optimizer]") {
  const auto message = []<class O>(std::type_identity<O>, auto options) {
    return refusal<std::invalid_argument>([&] { O(1, options); });
  };
  const std::string rate =
      ": learning_rate: expected a finite number of at least 0, got 1e+39, which is infinite as a float";
  CHECK(message(std::type_identity<Adam<float>>{}, AdamOptions{.learning_rate = 1e39}) == "Adam" + rate);
  CHECK(message(std::type_identity<AdamW<float>>{}, AdamWOptions{.learning_rate = 1e39}) == "AdamW" + rate);
  CHECK(message(std::type_identity<Sgd<float>>{}, SgdOptions{.learning_rate = 1e39}) == "Sgd" + rate);
  CHECK(message(std::type_identity<Adam<double>>{}, AdamOptions{.learning_rate = 1e39}) == "not refused");
  CHECK(message(std::type_identity<Adam<float>>{}, AdamOptions{.epsilon = 1e39}) ==
        "Adam: epsilon: expected a finite number above 0, got 1e+39, which is infinite as a float");
  CHECK(message(std::type_identity<AdamW<float>>{}, AdamWOptions{.epsilon = 1e39}) ==
        "AdamW: epsilon: expected a finite number above 0, got 1e+39, which is infinite as a float");
  CHECK(message(std::type_identity<AdamW<float>>{}, AdamWOptions{.weight_decay = 1e300}) ==
        "AdamW: weight_decay: expected a finite number of at least 0, got 1e+300, which is infinite as a "
        "float");
  Sgd<float> sgd(1);
  CHECK_THROWS_AS(sgd.set_learning_rate(1e39), std::invalid_argument);
  CHECK(sgd.learning_rate() == 1e-2);
}

TEST_CASE("a step whose rate or decay is beyond the largest number is refused", "[optimizer]") {
  Adam<float> adam(3, {.learning_rate = 2e38, .beta1 = 0.5});
  CHECK(refused<NonFiniteNumber>(adam, {1, 1, 1}, 1) ==
        "step 1: learning_rate / (1 - beta1^t): expected a finite number, got 4e+38, which is infinite as a "
        "float");
  AdamW<float> adamw(3, {.learning_rate = 20, .weight_decay = 1e38});
  CHECK(refused<NonFiniteNumber>(adamw, {1, 1, 1}, 1) ==
        "step 1: 1 - learning_rate weight_decay: expected a finite number, got -2e+39, which is infinite as "
        "a float");
}

TEMPLATE_TEST_CASE("the largest magnitude is that of all numbers, finite if all are", "[optimizer]", float,
                   double) {
  using Limits = std::numeric_limits<TestType>;
  const auto largest = [](const std::vector<TestType>& numbers) {
    return largest_magnitude(std::span<const TestType>(numbers));
  };
  CHECK(largest({}) == 0);
  CHECK(largest({-TestType{0}, Limits::denorm_min(), -Limits::min()}) == Limits::min());
  CHECK(largest({1, -3, 2}) == 3);
  CHECK(largest({Limits::lowest(), 1}) == Limits::max());
  CHECK(largest({1, -Limits::infinity()}) == Limits::infinity());
  CHECK(std::isnan(largest({1, -Limits::quiet_NaN(), Limits::infinity()})));
}
