#include <nn/masked.hpp>

/// A language model's loss over padded sequences.
namespace {

using namespace ctgrad;

constexpr Size vocabulary = 12, length = 6;
using Model = nn::LanguageModel<nn::SequenceModelShape{
    .vocabulary = vocabulary, .length = length, .width = 8, .layers = 1}>;
template <Size Batch>
using Ids = Index<Batch, length>;

constexpr auto plain = [](const auto& model, auto ids, auto targets, auto lengths) {
  return cross_entropy(model(ids), targets, nn::token_weights<length>(lengths));
};
constexpr auto smoothed = [](const auto& model, auto ids, auto targets, auto lengths) {
  return cross_entropy(model(ids), targets, nn::token_weights<length>(lengths), LabelSmoothing{0.1});
};

/// Tokens 0 to 3 only in sequence 0, 4 to 7 in 1, 8 to 11 in 2.
xt::xtensor<std::int32_t, 2> ids_of_their_own(Random& random) {
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({3, 6});
  for (std::size_t i = 0; i < ids.size(); ++i)
    ids.data()[i] = static_cast<std::int32_t>(4 * (i / 6) + random.below(4));
  return ids;
}

/// Other tokens where sequences of lengths 0, 2 and 6 have none.
void replace_ignored(Random& random, auto& ids, auto& targets) {
  for (std::size_t t = 0; t < 6; ++t) {
    ids(0, t) = static_cast<std::int32_t>(random.below(vocabulary));
    targets(0, t) = static_cast<std::int32_t>(random.below(vocabulary));
    if (t >= 2) targets(1, t) = static_cast<std::int32_t>(random.below(vocabulary));
  }
}

template <auto Loss, class S>
void check_ignored() {
  Random random(Seed{test::seed()});
  const Parameters<Model, S> parameters{Seed{2}};
  auto ids = ids_of_their_own(random);
  auto targets = ids_of_their_own(random);
  BasicProgram<S, value_and_grad(Loss), Model, Ids<3>, Ids<3>, Index<3>> step;

  const auto none = step(parameters, ids, targets, xt::xtensor<std::int32_t, 1>{0, 0, 0});
  CHECK(none.value == 0);
  for (const S number : none.gradients.flat()) CHECK(number == 0);

  const xt::xtensor<std::int32_t, 1> lengths = {0, 2, 6};
  const auto found = step(parameters, ids, targets, lengths);
  const S value = found.value;
  const std::vector<S> gradients(found.gradients.flat().begin(), found.gradients.flat().end());
  CHECK(test::finite(gradients));
  const auto tokens = found.gradients.span("tokens.table");
  for (std::size_t i = 0; i < 4 * 8; ++i) CHECK(tokens[i] == 0);

  // The mean over the tokens that count.
  BasicProgram<S, value_and_grad(Loss), Model, Ids<1>, Ids<1>, Index<1>> one;
  std::vector<double> expected(gradients.size());
  double mean = 0;
  for (std::size_t b = 1; b < 3; ++b) {
    const auto alone =
        one(parameters, test::sequence(ids, b), test::sequence(targets, b), test::sequence(lengths, b));
    const double share = lengths(b) / 8.0;
    mean += share * static_cast<double>(alone.value);
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] += share * static_cast<double>(alone.gradients.flat()[i]);
  }
  CHECK_THAT(mean, Catch::Matchers::WithinRel(static_cast<double>(value), test::sum_bar<S>));
  CHECK(test::error_of_largest(gradients, expected) < test::sum_bar<S>);

  replace_ignored(random, ids, targets);
  const auto other = step(parameters, ids, targets, lengths);
  CHECK(other.value == value);
  CHECK(std::equal(gradients.begin(), gradients.end(), other.gradients.flat().begin()));
}

}  // namespace

TEMPLATE_TEST_CASE("tokens of weight 0 count nothing in a model's loss and gradient", "", float, double) {
  check_ignored<plain, TestType>();
}

TEMPLATE_TEST_CASE("tokens of weight 0 count nothing with smoothed labels either", "", float, double) {
  check_ignored<smoothed, TestType>();
}
