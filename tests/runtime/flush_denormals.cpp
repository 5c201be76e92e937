#include <ctgrad/ctgrad.hpp>
#include <ctgrad/runtime/flush_denormals.hpp>

#include <support/catch.hpp>

#include <atomic>
#include <limits>
#include <thread>

namespace {

using namespace ctgrad;

constexpr float smallest = std::numeric_limits<float>::min();
constexpr float denormal = smallest / 4;

constexpr auto halved = [](auto x) { return x * 0.5; };
constexpr auto times_8 = [](auto x) { return x * 8; };

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Linear<4, 3>,  head));
};
constexpr auto loss = [](const auto& model, auto x, auto targets) {
  return cross_entropy(model.head(x), targets);
};

/// What programs make of the smallest normal number, halved, and of a denormal, times 8.
struct Found {
  float result;
  float operand;

  bool operator==(const Found&) const = default;
};
Found compute() {
  static thread_local Program<halved, Tensor<1>> half;
  static thread_local Program<times_8, Tensor<1>> eightfold;
  return {half(xt::xtensor<float, 1>{smallest})(0), eightfold(xt::xtensor<float, 1>{denormal})(0)};
}

const Found kept{smallest / 2, smallest * 2};
const Found flushed{0, 0};

/// The processor's mode; its flags for what has happened left out.
unsigned mode() { return _mm_getcsr() & ~0x3FU; }

}  // namespace

TEST_CASE("denormals are flushed while a guard lives, and only then", "[runtime]") {
  CHECK(compute() == kept);
  {
    const FlushDenormals guard;
    CHECK(compute() == flushed);
    {
      const FlushDenormals inner;
      CHECK(compute() == flushed);
    }
    CHECK(compute() == flushed);
  }
  CHECK(compute() == kept);
}

TEST_CASE("a guard brings back what was set before it, also when it is left by an exception", "[runtime]") {
  const unsigned before = mode();
  constexpr unsigned flush_to_zero = 0x8000;
  constexpr unsigned round_down = 0x2000;
  _mm_setcsr(_mm_getcsr() | flush_to_zero);
  const unsigned half_set = mode();
  try {
    const FlushDenormals guard;
    CHECK(mode() != half_set);
    throw 1;
  } catch (int) {
  }
  CHECK(mode() == half_set);
  _mm_setcsr(before);
  {
    const FlushDenormals guard;
    _mm_setcsr(_mm_getcsr() | round_down);
  }
  CHECK(mode() == (before | round_down));
  _mm_setcsr(before);
}

TEST_CASE("a guard is its thread's alone", "[runtime]") {
  std::atomic<bool> guarded = false;
  Found elsewhere{};
  std::thread other([&] {
    guarded.wait(false);
    elsewhere = compute();
  });
  const FlushDenormals guard;
  guarded = true;
  guarded.notify_one();
  other.join();
  CHECK(elsewhere == kept);
  CHECK(compute() == flushed);
}

TEST_CASE("neither programs nor optimisers change the processor's mode", "[runtime]") {
  const unsigned before = mode();
  Parameters<Model> parameters{Seed{1}};
  Program<value_and_grad(loss), Model, Tensor<2, 4>, Index<2>> step;
  Adam adam{parameters, {.learning_rate = 1e-3}};
  const xt::xtensor<float, 2> x{{1, 2, 3, 4}, {denormal, 0, -denormal, 1}};
  const xt::xtensor<std::int32_t, 1> targets{0, 2};
  for (int i = 0; i < 3; ++i) adam.update(parameters, step(parameters, x, targets).gradients);
  CHECK(mode() == before);
}
