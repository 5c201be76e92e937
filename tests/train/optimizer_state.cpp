#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/sgd.hpp>

#include <support/catch.hpp>
#include <train/buffers.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace ctgrad;
using test::bits;
using test::normal_numbers;
using test::state_bits;

constexpr std::size_t size = 37;  // no multiple of a vector's width

template <class Optimizer>
const auto options = [] {
  if constexpr (requires { Optimizer(size, SgdOptions{}); })
    return SgdOptions{.learning_rate = 1e-2, .momentum = 0.9};
  else if constexpr (requires { Optimizer(size, AdamOptions{}); })
    return AdamOptions{.learning_rate = 1e-2};
  else
    return AdamWOptions{.learning_rate = 1e-2, .weight_decay = 0.1};
}();

template <class Optimizer>
using ScalarOf = std::remove_cvref_t<decltype(std::declval<Optimizer&>().state()[0].numbers[0])>;

template <class T>
std::vector<std::string> names_of(const T& optimizer) {
  std::vector<std::string> names;
  for (const auto& buffer : optimizer.state()) names.emplace_back(buffer.name);
  return names;
}

}  // namespace

TEMPLATE_TEST_CASE("an optimiser with another's state and steps goes on as that one does, bit for bit",
                   "[optimizer]", Adam<float>, Adam<double>, AdamW<float>, AdamW<double>, Sgd<float>,
                   Sgd<double>) {
  using T = ScalarOf<TestType>;
  std::vector<T> parameters(size, T{1});
  TestType whole(size, options<TestType>), resumed(size, options<TestType>);
  for (std::uint64_t step = 1; step <= 5; ++step) whole.update(parameters, normal_numbers<T>(size, step));

  const TestType& saved = whole;
  for (std::size_t i = 0; i < saved.state().size(); ++i) {
    const auto numbers = saved.state()[i].numbers;
    REQUIRE(numbers.size() == size);
    CHECK(std::ranges::any_of(numbers, [](T number) { return number != 0; }));
    std::ranges::copy(numbers, resumed.state()[i].numbers.begin());
  }
  resumed.restore_steps(whole.steps());
  std::vector<T> copy = parameters;
  for (std::uint64_t step = 6; step <= 10; ++step) {
    whole.update(parameters, normal_numbers<T>(size, step));
    resumed.update(copy, normal_numbers<T>(size, step));
  }
  INFO("seed 21");
  CHECK(bits<T>(copy) == bits<T>(parameters));
  CHECK(resumed.steps() == 10);
  CHECK(state_bits(resumed) == state_bits(whole));
}

TEST_CASE("without its steps Adam does not go on as before: its means are corrected by them", "[optimizer]") {
  std::vector<double> parameters(size, 1);
  Adam<double> whole(size), forgetful(size);
  for (std::uint64_t step = 1; step <= 5; ++step) {
    whole.update(parameters, normal_numbers<double>(size, step));
  }
  for (std::size_t i = 0; i < 2; ++i) {
    std::ranges::copy(whole.state()[i].numbers, forgetful.state()[i].numbers.begin());
  }
  std::vector<double> copy = parameters;
  whole.update(parameters, normal_numbers<double>(size, 6));
  forgetful.update(copy, normal_numbers<double>(size, 6));
  CHECK(copy != parameters);
}

TEST_CASE("an optimiser says its name and those of its buffers", "[optimizer]") {
  CHECK(Adam<float>(1).name() == std::string("Adam"));
  CHECK(AdamW<float>(1).name() == std::string("AdamW"));
  CHECK(Sgd<float>(1).name() == std::string("Sgd"));
  CHECK(names_of(Adam<float>(1)) == std::vector<std::string>{"mean", "mean_square"});
  CHECK(names_of(AdamW<float>(1)) == std::vector<std::string>{"mean", "mean_square"});
  CHECK(names_of(Sgd<float>(1)) == std::vector<std::string>{"velocity"});
}
