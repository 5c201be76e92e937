#include <ctgrad/train/adamw.hpp>

#include <support/catch.hpp>
#include <train/buffers.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using Catch::Matchers::WithinRel;

namespace {

using namespace ctgrad;
using test::bits;
using test::normal_numbers;
using test::refusal;

/// A stand-in for a model's parameters: arrays of which each begins at a multiple of 16 numbers.
template <class T>
struct Arrays : test::Buffer<T> {
  struct Entry {
    std::string name;
    struct {
      int rank;
    } shape;
    std::size_t offset, count;
  };
  std::vector<Entry> list{{"table", {2}, 0, 35},
                          {"weight", {2}, 48, 16},
                          {"bias", {1}, 64, 5},
                          {"norm.scale", {1}, 80, 3},
                          {"kernel", {3}, 96, 27}};
  Arrays() : test::Buffer<T>{normal_numbers<T>(128, 0)} {}
  const std::vector<Entry>& entries() const { return list; }

  /// Which array a number is of; null for the unused numbers between them.
  const Entry* entry_of(std::size_t index) const {
    for (const Entry& entry : list) {
      if (index >= entry.offset && index < entry.offset + entry.count) return &entry;
    }
    return nullptr;
  }
};

/// AdamW as the paper writes it, one number and one step at a time.
struct NaiveAdamW {
  AdamWOptions options;
  double m = 0, v = 0;
  int t = 0;

  double step(double parameter, double g) {
    ++t;
    m = options.beta1 * m + (1 - options.beta1) * g;
    v = options.beta2 * v + (1 - options.beta2) * g * g;
    double power1 = 1, power2 = 1;
    for (int i = 0; i < t; ++i) power1 *= options.beta1, power2 *= options.beta2;
    const double adam = (m / (1 - power1)) / (std::sqrt(v / (1 - power2)) + options.epsilon);
    return parameter - options.learning_rate * (adam + options.weight_decay * parameter);
  }
};

}  // namespace

TEMPLATE_TEST_CASE("a buffer goes through AdamW as each of its numbers does alone, matrices alone decaying",
                   "[optimizer]", float, double) {
  constexpr AdamWOptions options{.learning_rate = 1e-2, .weight_decay = 0.3};
  constexpr AdamWOptions none{.learning_rate = 1e-2, .weight_decay = 0};
  Arrays<TestType> parameters;
  std::vector<double> expected(parameters.numbers.begin(), parameters.numbers.end());
  std::vector<NaiveAdamW> naive;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto* entry = parameters.entry_of(i);
    naive.push_back({entry != nullptr && entry->shape.rank >= 2 ? options : none});
  }
  AdamW adamw{parameters, options};
  for (std::uint64_t step = 1; step <= 50; ++step) {
    const test::Buffer<TestType> gradients{normal_numbers<TestType>(parameters.size(), step)};
    adamw.update(parameters, gradients);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = naive[i].step(expected[i], static_cast<double>(gradients.numbers[i]));
    }
  }
  INFO("seed 21");
  const double bar = std::is_same_v<TestType, float> ? 1e-5 : 1e-13;
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (parameters.entry_of(i) == nullptr) continue;
    largest = std::max(largest, std::abs(static_cast<double>(parameters.numbers[i]) - expected[i]));
  }
  CHECK(largest < bar);
  std::printf("figure: AdamW, 50 steps against one number at a time: %.1e (bar %.0e)\n", largest, bar);
}

TEMPLATE_TEST_CASE("without decay AdamW is Adam, bit for bit", "[optimizer]", float, double) {
  Arrays<TestType> decayed, plain;
  AdamW adamw{decayed, {.learning_rate = 1e-2, .beta1 = 0.8, .weight_decay = 0}};
  Adam adam{plain, {.learning_rate = 1e-2, .beta1 = 0.8}};
  for (std::uint64_t step = 1; step <= 20; ++step) {
    const test::Buffer<TestType> gradients{normal_numbers<TestType>(plain.size(), step)};
    adamw.update(decayed, gradients);
    adam.update(plain, gradients);
  }
  INFO("seed 21");
  CHECK(bits<TestType>(decayed.numbers) == bits<TestType>(plain.numbers));
  CHECK(test::state_bits(adamw) == test::state_bits(adam));
}

TEST_CASE("which parameters decay is for the caller to say", "[optimizer]") {
  // Without gradients nothing but the decay moves a parameter: to 1 - rate * decay of itself.
  const test::Buffer<double> no_gradients{std::vector<double>(128)};
  const auto decayed = [&](auto make) {
    Arrays<double> parameters;
    const Arrays<double> before = parameters;
    auto adamw = make(parameters);
    adamw.update(parameters, no_gradients);
    std::string names;
    for (const auto& entry : parameters.entries()) {
      const double ratio = parameters.numbers[entry.offset] / before.numbers[entry.offset];
      const double last = parameters.numbers[entry.offset + entry.count - 1];
      CHECK_THAT(last / before.numbers[entry.offset + entry.count - 1], WithinRel(ratio, 1e-15));
      if (ratio == 1) continue;
      CHECK_THAT(ratio, WithinRel(0.875, 1e-15));
      names += entry.name + " ";
    }
    return names;
  };
  constexpr AdamWOptions options{.learning_rate = 0.5, .weight_decay = 0.25};
  CHECK(decayed([&](auto& p) { return AdamW{p, options}; }) == "table weight kernel ");
  CHECK(decayed([&](auto& p) {
          return AdamW{p, options, decay_all};
        }) == "table weight bias norm.scale kernel ");
  CHECK(decayed([&](auto& p) {
          return AdamW{p, options, [](const auto& entry) { return entry.name == "bias"; }};
        }) == "bias ");
  CHECK(decayed([&](auto& p) { return AdamW{p, options, [](const auto&) { return false; }}; }).empty());
  CHECK(decayed([&](auto& p) { return AdamW<double>(p.size(), options); }) ==
        "table weight bias norm.scale kernel ");
}

TEST_CASE("the decay goes with the learning rate", "[optimizer]") {
  std::vector<double> parameter{16};
  AdamW<double> adamw(1, {.learning_rate = 0.5, .weight_decay = 1});
  adamw.update(parameter, std::vector<double>{0});
  CHECK(parameter[0] == 8);
  adamw.set_learning_rate(0.25);
  adamw.update(parameter, std::vector<double>{0});
  CHECK(parameter[0] == 6);
  adamw.set_learning_rate(0);
  adamw.update(parameter, std::vector<double>{1});
  CHECK(parameter[0] == 6);
}

TEST_CASE("AdamW's options out of range are refused by name", "[optimizer]") {
  const auto adamw = [](AdamWOptions options) {
    return refusal<std::invalid_argument>([&] { AdamW<double>(1, options); });
  };
  CHECK(adamw({.learning_rate = -1}) ==
        "AdamW: learning_rate: expected a finite number of at least 0, got -1");
  CHECK(adamw({.beta1 = 1}) == "AdamW: beta1: expected [0, 1), got 1");
  CHECK(adamw({.beta2 = -1}) == "AdamW: beta2: expected [0, 1), got -1");
  CHECK(adamw({.epsilon = 0}) == "AdamW: epsilon: expected a finite number above 0, got 0");
  CHECK(adamw({.weight_decay = -0.1}) ==
        "AdamW: weight_decay: expected a finite number of at least 0, got -0.1");
  CHECK(adamw({.weight_decay = test::not_a_number}) ==
        "AdamW: weight_decay: expected a finite number of at least 0, got nan");
  CHECK(adamw({.weight_decay = test::infinity}) ==
        "AdamW: weight_decay: expected a finite number of at least 0, got inf");
}
