#include <ctgrad/nn/parameter.hpp>
#include <ctgrad/runtime/parameters.hpp>

#include <support/catch.hpp>

#include <boost/hana/define_struct.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

using namespace ctgrad;

struct Model {
  using Usual = Parameter<init::Normal{}, 200, 100>;
  using Wide = Parameter<init::Normal{1.5}, 50, 40, 10>;
  BOOST_HANA_DEFINE_STRUCT(Model, (Usual, usual), (Wide, wide));
};

/// Bars are five standard deviations of the mean, of the mean square and of the share within one deviation.
void check_normal(const std::vector<double>& numbers, double deviation) {
  const auto count = static_cast<double>(numbers.size());
  double sum = 0, squares = 0, within = 0;
  for (const double number : numbers) {
    sum += number / deviation;
    squares += number / deviation * (number / deviation);
    within += std::abs(number) < deviation ? 1 : 0;
  }
  const double expected = std::erf(1 / std::sqrt(2.0));
  CHECK_THAT(sum / count, Catch::Matchers::WithinAbs(0, 5 / std::sqrt(count)));
  CHECK_THAT(squares / count, Catch::Matchers::WithinAbs(1, 5 * std::sqrt(2 / count)));
  CHECK_THAT(within / count,
             Catch::Matchers::WithinAbs(expected, 5 * std::sqrt(expected * (1 - expected) / count)));
}

std::vector<double> numbers_of(const Parameters<Model, double>& parameters, const char* name) {
  const auto numbers = parameters.span(name);
  return {numbers.begin(), numbers.end()};
}

}  // namespace

TEST_CASE("init::Normal draws with mean 0 and the declared standard deviation, 0.02 where none is") {
  const Parameters<Model, double> parameters{Seed{1}};
  INFO("seed 1");
  check_normal(numbers_of(parameters, "usual"), 0.02);
  check_normal(numbers_of(parameters, "wide"), 1.5);
}

TEST_CASE("init::Normal draws equal bits from equal seeds, other numbers for every parameter and seed") {
  const Parameters<Model, double> one{Seed{1}}, same{Seed{1}}, other{Seed{2}};
  const auto usual = numbers_of(one, "usual"), wide = numbers_of(one, "wide");
  CHECK(usual == numbers_of(same, "usual"));
  CHECK(wide == numbers_of(same, "wide"));
  CHECK(usual != numbers_of(other, "usual"));
  std::size_t equal = 0;
  for (std::size_t i = 0; i < usual.size(); ++i) {
    const double scaled = wide[i] / 1.5 * 0.02;
    if (std::abs(usual[i] - scaled) < 1e-12) ++equal;
  }
  CHECK(equal == 0);
}
