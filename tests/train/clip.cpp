#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/sgd.hpp>

#include <support/catch.hpp>
#include <train/buffers.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using Catch::Matchers::WithinRel;

namespace {

using namespace ctgrad;
using test::bits;
using test::Buffer;
using test::normal_numbers;
using test::refusal;
using test::state_bits;

double norm_of(const std::vector<double>& numbers) { return global_norm(std::span<const double>(numbers)); }

/// The largest norm that the numbers' own norm does not exceed, and the next below it.
constexpr double below(double number) { return std::nextafter(number, 0.0); }

struct Result {
  double value;
  Buffer<double> gradients;
};

}  // namespace

TEST_CASE("the global norm is the root of the sum of all squares", "[clip]") {
  CHECK(norm_of({}) == 0);
  CHECK(norm_of({0, 0}) == 0);
  CHECK(norm_of({-3, 4}) == 5);
  CHECK(norm_of(std::vector<double>(64, 0.5)) == 4);
  for (const std::size_t size : {1u, 15u, 16u, 17u, 1000u}) {
    INFO("seed 21, size " << size);
    const auto numbers = normal_numbers<float>(size, 1);
    long double sum = 0;
    for (const float x : numbers) sum += static_cast<long double>(x) * static_cast<long double>(x);
    CHECK_THAT(global_norm(std::span<const float>(numbers)),
               WithinRel(static_cast<double>(std::sqrt(sum)), 1e-14));
  }
}

TEST_CASE("the global norm neither overflows nor vanishes before the numbers do", "[clip]") {
  using Limits = std::numeric_limits<double>;
  CHECK_THAT(norm_of({3e200, 4e200}), WithinRel(5e200, 1e-15));
  CHECK_THAT(norm_of({3e-200, 4e-200}), WithinRel(5e-200, 1e-15));
  CHECK(norm_of({Limits::max()}) == Limits::max());
  CHECK(norm_of({Limits::denorm_min()}) == Limits::denorm_min());
  CHECK(norm_of({Limits::max(), Limits::max()}) == test::infinity);
  CHECK(norm_of({1, -test::infinity}) == test::infinity);
  CHECK(std::isnan(norm_of({1, test::not_a_number})));
  const std::vector<float> large(4, std::numeric_limits<float>::max());
  CHECK(global_norm(std::span<const float>(large)) ==
        2 * static_cast<double>(std::numeric_limits<float>::max()));
}

TEST_CASE("the norm of scaled gradients is scaled", "[clip]") {
  const std::vector<double> numbers{3, 4};
  CHECK(global_norm(ScaledGradients<double>(numbers, -0.5)) == 2.5);
  CHECK(global_norm(Buffer<double>{numbers}) == 5);
}

TEMPLATE_TEST_CASE("gradients whose norm is not above the largest keep their bits", "[clip]", Adam<float>,
                   AdamW<float>, Sgd<float>) {
  const std::size_t size = 37;
  std::vector<float> clipped = normal_numbers<float>(size, 0), plain = clipped;
  TestType one(size), other(size);
  for (std::uint64_t step = 1; step <= 10; ++step) {
    const auto gradients = normal_numbers<float>(size, step);
    one.update(clipped, gradients, MaxNorm(global_norm(std::span<const float>(gradients))));
    other.update(plain, gradients);
  }
  INFO("seed 21");
  CHECK(bits<float>(clipped) == bits<float>(plain));
  CHECK(state_bits(one) == state_bits(other));
}

TEST_CASE("gradients of a larger norm are scaled to the largest", "[clip]") {
  std::vector<double> parameters{0, 0};
  Sgd<double> sgd(2, {.learning_rate = 1});
  sgd.update(parameters, std::vector<double>{3, -4}, MaxNorm(1));
  CHECK_THAT(parameters[0], WithinRel(-0.6, 1e-15));
  CHECK_THAT(parameters[1], WithinRel(0.8, 1e-15));
  Buffer<double> at_rest{{0, 0}};
  sgd.update(at_rest, ScaledGradients<double>(std::vector<double>{3, -4}, 0.25), MaxNorm(1));  // norm 1.25
  CHECK_THAT(at_rest.numbers[0], WithinRel(-0.6, 1e-15));
  CHECK_THAT(at_rest.numbers[1], WithinRel(0.8, 1e-15));
  CHECK(MaxNorm(5).factor(5) == 1);
  CHECK(MaxNorm(below(5)).factor(5) < 1);
}

TEMPLATE_TEST_CASE("clipping is the update by gradients that were scaled beforehand", "[clip]", Adam<double>,
                   AdamW<double>, Sgd<double>) {
  const std::size_t size = 37;
  std::vector<double> clipped = normal_numbers<double>(size, 0), scaled = clipped;
  TestType one(size), other(size);
  for (std::uint64_t step = 1; step <= 10; ++step) {
    auto gradients = normal_numbers<double>(size, step);
    one.update(clipped, gradients, MaxNorm(0.5));
    const double factor = 0.5 / norm_of(gradients);
    for (double& gradient : gradients) gradient *= factor;
    other.update(scaled, gradients);
  }
  INFO("seed 21");
  for (std::size_t i = 0; i < size; ++i) CHECK_THAT(clipped[i], WithinRel(scaled[i], 1e-12));
}

TEST_CASE("a largest norm that is not above 0 is refused; infinity is none", "[clip]") {
  CHECK_THROWS_WITH(MaxNorm(0), "MaxNorm: expected a number above 0, got 0");
  CHECK_THROWS_WITH(MaxNorm(-1), "MaxNorm: expected a number above 0, got -1");
  CHECK_THROWS_WITH(MaxNorm(test::not_a_number), "MaxNorm: expected a number above 0, got nan");
  CHECK(MaxNorm(test::infinity).factor(1e300) == 1);
  CHECK(MaxNorm().factor(1e300) == 1);
}

TEMPLATE_TEST_CASE("what is not finite is refused with its step and name, before anything has changed",
                   "[clip]", Adam<double>, AdamW<double>, Sgd<double>) {
  test::NamedBuffer parameters{{{1, 2, 3}}};
  TestType optimizer(parameters.size());
  optimizer.update(parameters, Result{0.5, {{1, -1, 2}}});
  const auto before = bits<double>(parameters.numbers);
  const auto state = state_bits(optimizer);
  const auto max_norm = GENERATE(MaxNorm(), MaxNorm(1));
  const auto refuses = [&]<class Refused>(std::type_identity<Refused>, const Result& result) {
    std::string message = refusal<Refused>([&] { optimizer.update(parameters, result, max_norm); });
    CHECK(bits<double>(parameters.numbers) == before);
    CHECK(state_bits(optimizer) == state);
    CHECK(optimizer.steps() == 1);
    return message;
  };
  for (const double bad : {test::infinity, -test::infinity, test::not_a_number}) {
    const std::string got = ": expected a finite number, got " + shortest(bad);
    CHECK(refuses(std::type_identity<NonFiniteLoss>{}, {bad, {{1, 1, 1}}}) == "step 2: loss" + got);
    CHECK(refuses(std::type_identity<NonFiniteLoss>{}, {bad, {{1, bad, 1}}}) == "step 2: loss" + got);
    CHECK(refuses(std::type_identity<NonFiniteGradient>{}, {1, {{1, bad, 1}}}) ==
          "step 2: gradient[1] of weight" + got);
    CHECK(refuses(std::type_identity<NonFiniteNumber>{}, {1, {{1, 1, bad}}}) ==
          "step 2: gradient[2] of bias" + got);
  }
  CHECK_THROWS_AS(optimizer.update(parameters, Result{0.5, {{1, 2}}}), std::invalid_argument);
  CHECK(bits<double>(parameters.numbers) == before);
}

TEST_CASE("a norm beyond the largest double is refused as such", "[clip]") {
  constexpr double largest = std::numeric_limits<double>::max();
  test::NamedBuffer parameters{{{1, 2}}};
  Sgd<double> sgd(2);
  CHECK(refusal<NonFiniteNumber>([&] {
          sgd.update(parameters, Result{0.5, {{largest, largest}}}, MaxNorm(1));
        }) == "step 1: norm of the gradients: expected a finite number, got inf");
  CHECK(parameters.numbers == std::vector<double>{1, 2});
  CHECK(sgd.steps() == 0);
}
