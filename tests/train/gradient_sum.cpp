#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train/run_view.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>
#include <train/buffers.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

namespace {

using namespace ctgrad;
using test::bits;
using test::refusal;
using test::state_bits;

using Model = nn::Linear<5, 3>;
constexpr auto loss = [](const auto& model, auto x, auto targets) {
  return cross_entropy(model(x), targets);  // a mean over the rows
};
constexpr Size batch = 4, batches = 3;
template <Size rows>
using Step = Program<value_and_grad(loss), Model, Tensor<rows, 5>, Index<rows>>;

template <Size rows>
struct Rows {
  xt::xtensor<float, 2> x = xt::xtensor<float, 2>::from_shape({static_cast<std::size_t>(rows), 5});
  xt::xtensor<std::int32_t, 1> targets =
      xt::xtensor<std::int32_t, 1>::from_shape({static_cast<std::size_t>(rows)});

  /// Rows `first` on of endless random samples.
  explicit Rows(Size first) {
    for (Size row = 0; row < rows; ++row) {
      Random random(Seed{71}, static_cast<std::uint64_t>(first + row));
      for (Size i = 0; i < 5; ++i) x.data()[row * 5 + i] = static_cast<float>(random.normal());
      targets.data()[row] = static_cast<std::int32_t>(random.below(3));
    }
  }
};

}  // namespace

TEST_CASE("the mean over batches is the loss and the gradient of one batch of them all") {
  const Parameters<Model> parameters{Seed{72}};
  Step<batch> step;
  Step<batch * batches> whole_step;
  GradientSum<Model> sum;
  for (Size i = 0; i < batches; ++i) {
    const Rows<batch> part(i * batch);
    sum.add(step(parameters, part.x, part.targets));
  }
  const Rows<batch * batches> all(0);
  const auto whole = whole_step(parameters, all.x, all.targets);
  const auto mean = sum.mean();
  CHECK(sum.count() == batches);
  double error = std::abs(mean.value - static_cast<double>(whole.value)), largest = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double expected = static_cast<double>(whole.gradients.flat()[i]);
    const double got = mean.gradients.factor() * static_cast<double>(mean.gradients.flat()[i]);
    error = std::max(error, std::abs(got - expected));
    largest = std::max(largest, std::abs(expected));
  }
  INFO("seeds 71, 72");
  CHECK(largest > 0.05);
  CHECK(error < 1e-6 * largest);
  std::printf("figure: gradients of 3 batches of 4 against one of 12: %.1e (bar 1e-6)\n", error / largest);
}

TEST_CASE(
    "an update by the mean is that by the mean's numbers, clipped or not, and starts anew when cleared") {
  const Parameters<Model> before{Seed{73}};
  Step<batch> step;
  GradientSum<Model> sum;
  const Rows<batch> samples(0);
  const auto result = step(before, samples.x, samples.targets);
  for (int i = 0; i < 4; ++i) sum.add(result);  // of equal gradients the mean over four is exactly one
  CHECK(sum.mean().value == static_cast<double>(result.value));
  CHECK(sum.loss() == 4 * static_cast<double>(result.value));
  CHECK(sum.gradients().span("bias")[0] == 4 * result.gradients.span("bias")[0]);

  const double norm = global_norm(result.gradients);
  CHECK(global_norm(sum.mean().gradients) == norm);
  for (const MaxNorm max_norm : {MaxNorm(), MaxNorm(norm), MaxNorm(norm / 2)}) {
    Parameters<Model> by_sum = before, by_result = before;
    AdamW one{by_sum, {.learning_rate = 0.1, .epsilon = 0.1}};
    AdamW other{by_result, {.learning_rate = 0.1, .epsilon = 0.1}};
    one.update(by_sum, sum.mean(), max_norm);
    other.update(by_result, result, max_norm);
    CHECK(bits<float>(by_sum.flat()) == bits<float>(by_result.flat()));
    CHECK(state_bits(one) == state_bits(other));
    CHECK(bits<float>(by_sum.flat()) != bits<float>(before.flat()));
  }

  sum.clear();
  CHECK(sum.count() == 0);
  CHECK(sum.loss() == 0);
  CHECK(std::ranges::all_of(sum.gradients().flat(), [](float number) { return number == 0; }));
  CHECK_THROWS_WITH(sum.mean(), "GradientSum: mean: batches: expected at least 1, got 0");
  CHECK_THROWS_WITH(sum.scaled(test::infinity),
                    "GradientSum: scaled: factor: expected a finite number, got inf");
  sum.add(result);
  CHECK(sum.scaled(0.5).value == 0.5 * static_cast<double>(result.value));
  CHECK(sum.scaled(0.5).gradients.factor() == 0.5);
}

TEST_CASE("of a model's parameters AdamW decays the weights, and not the biases") {
  Parameters<Model> parameters{Seed{74}};
  for (float& number : parameters.flat()) number = 1;
  GradientSum<Model> none;
  AdamW adamw{parameters, {.learning_rate = 0.5, .weight_decay = 0.5}};
  adamw.update(parameters, none.gradients());
  CHECK(std::ranges::all_of(parameters.span("weight"), [](float number) { return number == 0.75f; }));
  CHECK(std::ranges::all_of(parameters.span("bias"), [](float number) { return number == 1; }));
}

TEST_CASE("the sum over a million batches is within 1e-6, and begins anew as it began") {
  std::vector<float> tenths(Gradients<Model>::size(), 0.1F);
  const Gradients<Model> gradients(tenths.data());
  GradientSum<Model> sum;
  for (int run = 0; run < 2; ++run) {
    sum.clear();
    for (int i = 0; i < 1000000; ++i) sum.add(0.1, gradients);
    const auto mean = sum.mean();
    const double got = mean.gradients.factor() * static_cast<double>(mean.gradients.flat().front());
    CHECK_THAT(got, Catch::Matchers::WithinRel(static_cast<double>(0.1F), 1e-6));
    CHECK_THAT(mean.value, Catch::Matchers::WithinRel(0.1, 1e-10));
    CHECK(mean.gradients.flat().back() == mean.gradients.flat().front());
  }
}

TEST_CASE("a step whose loss or gradients are not finite leaves parameters and optimiser as they are") {
  Parameters<Model> parameters{Seed{75}};
  Step<batch> step;
  Adam adam{parameters};
  Rows<batch> samples(0);
  adam.update(parameters, step(parameters, samples.x, samples.targets));
  const auto before = bits<float>(parameters.flat());
  const auto state = state_bits(adam);

  samples.x(1, 2) = std::numeric_limits<float>::quiet_NaN();
  const auto spoilt = step(parameters, samples.x, samples.targets);
  GradientSum<Model> sum;
  sum.add(spoilt);
  const auto refused = [&](auto action) { return refusal<NonFiniteNumber>(action).substr(0, 34); };
  CHECK(refused([&] { adam.update(parameters, spoilt); }) == "step 2: loss: expected a finite nu");
  CHECK(refused([&] { adam.update(parameters, sum.mean()); }) == "step 2: loss: expected a finite nu");
  CHECK(refused([&] { adam.update(parameters, spoilt.gradients); }).starts_with("step 2: gradient["));
  CHECK(bits<float>(parameters.flat()) == before);
  CHECK(state_bits(adam) == state);
  CHECK(adam.steps() == 1);
}

TEST_CASE("neither accumulation, nor clipping, nor AdamW, nor a schedule allocates") {
  Parameters<Model> parameters{Seed{76}};
  Step<batch> step;
  GradientSum<Model> sum;
  AdamW adamw{parameters};
  Sgd sgd{parameters};
  const schedule::Cosine rate({.peak = 1e-2, .steps = 10, .warmup = 2});
  const Rows<batch> samples(0);
  const std::size_t before = test::allocations();
  for (int i = 0; i < 3; ++i) {
    sum.clear();
    for (int j = 0; j < 2; ++j) sum.add(step(parameters, samples.x, samples.targets));
    adamw.set_learning_rate(rate(adamw.steps() + 1));
    adamw.update(parameters, sum.mean(), MaxNorm(0.1));
    sgd.update(parameters, sum.mean(), MaxNorm(0.1));
  }
  const std::size_t made = test::allocations() - before;
  CHECK(made == 0);
  CHECK(adamw.steps() == 3);
  std::printf("figure: heap allocations: accumulation, clipping, AdamW and a schedule %zu (bar 0)\n", made);
}

TEMPLATE_TEST_CASE("an optimiser refuses parameters of another layout, though their sizes are equal",
                   "[optimizer]", Sgd<float>, Adam<float>, AdamW<float>) {
  Parameters<nn::Linear<2, 3>> own{Seed{1}};
  Parameters<nn::Linear<3, 2>> others{Seed{2}};
  REQUIRE(own.size() == others.size());
  const State<nn::Linear<2, 3>> gradients;
  const State<nn::Linear<3, 2>> of_others;
  TestType optimizer{own};
  const auto before = bits<float>(others.flat());
  CHECK(refusal<std::invalid_argument>([&] { optimizer.update(others, of_others); }) ==
        std::string(optimizer.name()) +
            ": parameters: expected those of the model that it was made for, with 'weight' [2, 3], got "
            "'weight' [3, 2]");
  CHECK_THROWS_AS(view_of(others, optimizer), std::invalid_argument);
  CHECK(bits<float>(others.flat()) == before);
  CHECK_NOTHROW(optimizer.update(own, gradients));

  TestType moved = std::move(optimizer);
  CHECK(refusal<std::invalid_argument>([&] { optimizer.update(own, gradients); }) ==  // NOLINT
        std::string(moved.name()) + ": parameters: expected 0 numbers, got " + std::to_string(own.size()));
  CHECK_THROWS_AS(view_of(own, optimizer), std::invalid_argument);
  CHECK_NOTHROW(moved.update(own, gradients));
  optimizer = moved;
  CHECK_NOTHROW(optimizer.update(own, gradients));
}

TEST_CASE("a sum that was moved from is refused until it is cleared, and a copy is another sum",
          "[gradient_sum]") {
  State<Model> ones;
  ones["weight"] = 1;
  GradientSum<Model> sum;
  sum.add(2, std::as_const(ones).view());
  GradientSum<Model> copy = sum;
  copy.add(2, std::as_const(ones).view());
  CHECK(sum.gradients()["weight"](0, 0) == 1);
  const GradientSum<Model> moved = std::move(sum);
  CHECK(moved.loss() == 2);
  CHECK_THROWS_AS(sum.gradients(), std::logic_error);  // NOLINT
  CHECK_THROWS_AS(sum.mean(), std::logic_error);
  sum.clear();
  CHECK(sum.gradients()["weight"](0, 0) == 0);
}
