#include <ctgrad/runtime/random.hpp>
#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/sgd.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace ctgrad;

constexpr std::size_t size = 37;  // no multiple of a vector's width

template <class T>
std::vector<T> gradients_of(std::uint64_t step) {
  Random random(Seed{61}, step);
  std::vector<T> numbers(size);
  for (T& number : numbers) number = static_cast<T>(random.normal());
  return numbers;
}

template <class T>
struct Scalar;
template <template <class> class Optimizer, class T>
struct Scalar<Optimizer<T>> {
  using type = T;
};

/// An optimiser of those options that remembers something.
template <class T>
T make() {
  if constexpr (requires(T optimizer) { SgdOptions{}, T(size, SgdOptions{}); }) {
    return T(size, {.learning_rate = 1e-2, .momentum = 0.9});
  } else {
    return T(size, {.learning_rate = 1e-2});
  }
}

template <class T>
std::vector<std::string> names_of(const T& optimizer) {
  std::vector<std::string> names;
  for (const auto& buffer : optimizer.state()) names.emplace_back(buffer.name);
  return names;
}

}  // namespace

TEMPLATE_TEST_CASE("an optimiser with another's state and steps goes on as that one does, bit for bit",
                   "[optimizer]", Adam<float>, Adam<double>, Sgd<float>, Sgd<double>) {
  using T = typename Scalar<TestType>::type;
  std::vector<T> parameters(size, T{1});
  TestType whole = make<TestType>(), resumed = make<TestType>();
  for (std::uint64_t step = 1; step <= 5; ++step) whole.update(parameters, gradients_of<T>(step));

  const TestType& read_only = whole;
  const auto saved = read_only.state();
  const auto restored = resumed.state();
  for (std::size_t i = 0; i < saved.size(); ++i) {
    REQUIRE(saved[i].numbers.size() == size);
    CHECK(std::ranges::any_of(saved[i].numbers, [](T number) { return number != 0; }));
    std::ranges::copy(saved[i].numbers, restored[i].numbers.begin());
  }
  resumed.restore_steps(whole.steps());
  std::vector<T> copy = parameters;
  for (std::uint64_t step = 6; step <= 10; ++step) {
    whole.update(parameters, gradients_of<T>(step));
    resumed.update(copy, gradients_of<T>(step));
  }
  INFO("seed 61");
  CHECK(copy == parameters);
  CHECK(resumed.steps() == 10);
  for (std::size_t i = 0; i < saved.size(); ++i) {
    CHECK(std::ranges::equal(saved[i].numbers, restored[i].numbers));
  }
}

TEST_CASE("without its steps Adam does not go on as before: its means are corrected by them", "[optimizer]") {
  std::vector<double> parameters(size, 1);
  auto whole = make<Adam<double>>(), forgetful = make<Adam<double>>();
  for (std::uint64_t step = 1; step <= 5; ++step) whole.update(parameters, gradients_of<double>(step));
  for (std::size_t i = 0; i < 2; ++i) {
    std::ranges::copy(whole.state()[i].numbers, forgetful.state()[i].numbers.begin());
  }
  std::vector<double> copy = parameters;
  whole.update(parameters, gradients_of<double>(6));
  forgetful.update(copy, gradients_of<double>(6));
  CHECK(copy != parameters);
}

TEST_CASE("an optimiser says its name and those of its buffers", "[optimizer]") {
  CHECK(make<Adam<float>>().name() == std::string("Adam"));
  CHECK(make<Sgd<float>>().name() == std::string("Sgd"));
  CHECK(names_of(make<Adam<float>>()) == std::vector<std::string>{"mean", "mean_square"});
  CHECK(names_of(make<Sgd<float>>()) == std::vector<std::string>{"velocity"});
}
