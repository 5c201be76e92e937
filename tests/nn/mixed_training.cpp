#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <cstdio>

/// An encoder in mixed precision beside the same one in float: memory, loss, gradients, and a whole training.
namespace {

using namespace ctgrad;

constexpr toy::Sizes sizes{.vocabulary = 16, .length = 12, .batch = 32};
using Model = nn::EncoderModel<nn::SequenceModelShape{
    .vocabulary = 16, .length = 12, .width = 32, .heads = 2, .hidden = 64, .layers = 2}>;
using Ids = Index<32, 12>;

constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
using Full = Program<value_and_grad(loss), Model, Ids, Ids>;
using Mixed = MixedProgram<value_and_grad(loss), Model, Ids, Ids>;

struct Difference {
  double cosine;
  double of_norm;  ///< of the difference, as a part of the first one's norm
};

template <class A, class B>
Difference difference(const A& a, const B& b) {
  double both = 0, left = 0, right = 0, apart = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]);
    const auto y = static_cast<double>(b[i]);
    both += x * y;
    left += x * x;
    right += y * y;
    apart += (x - y) * (x - y);
  }
  return {both / std::sqrt(left * right), std::sqrt(apart / left)};
}

/// The mean loss of the last 20 of so many steps.
template <class Step>
double trained(int steps) {
  Parameters<Model> parameters{Seed{test::seed()}};
  Adam adam{parameters, {.learning_rate = 3e-3}};
  toy::Sequences batches{toy::Task::reverse, sizes, Seed{test::seed() + 1}};
  Step step;
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const auto batch = batches.next();
    const auto result = step(parameters, batch.ids, batch.targets);
    if (i >= steps - 20) sum += static_cast<double>(result.value) / 20;
    adam.update(parameters, result.gradients);
  }
  return sum;
}

}  // namespace

TEST_CASE("an encoder's step in mixed precision is near float's and takes less memory") {
  const Parameters<Model> parameters{Seed{test::seed()}};
  toy::Sequences batches{toy::Task::reverse, sizes, Seed{test::seed() + 1}};
  const auto batch = batches.next();
  Full full;
  Mixed mixed;
  const auto a = full(parameters, batch.ids, batch.targets);
  const auto b = mixed(parameters, batch.ids, batch.targets);
  const double error = std::abs(static_cast<double>(b.value) / static_cast<double>(a.value) - 1);
  const auto [cosine, apart] = difference(a.gradients.flat(), b.gradients.flat());
  constexpr double memory =
      static_cast<double>(Mixed::arena_bytes()) / static_cast<double>(Full::arena_bytes());
  CHECK(error < 2e-3);
  CHECK(cosine > 0.999);
  CHECK(apart < 0.05);
  CHECK(apart > 0);
  CHECK(memory < 0.75);
  CHECK(mixed(parameters, batch.ids, batch.targets).value == b.value);
  std::printf(
      "figure: mixed precision, an encoder's step: loss %.1e from float's (bar 2e-3), gradients %.4f of "
      "their norm "
      "(bar 0.05), arena %.2f of float's (bar 0.75)\n",
      error, apart, memory);
}

TEST_CASE("a training in mixed precision comes as far as one in float") {
  constexpr int steps = 300;
  const double in_float = trained<Full>(steps);
  const double in_mixed = trained<Mixed>(steps);
  CHECK(in_float < 0.3);
  CHECK(in_mixed < 0.3);
  CHECK(std::abs(in_mixed - in_float) < 0.1 * in_float + 0.01);
  std::printf("figure: mixed precision, a training of %d steps: loss %.4f, in float %.4f\n", steps, in_mixed,
              in_float);
}
