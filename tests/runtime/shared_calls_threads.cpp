#include <ctgrad/ctgrad.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>
#include <support/numbers_of.hpp>

#include <new>

/// A program whose kernel calls are shared by a team gives the bits of one thread. The thread sanitizer looks
/// at these tests as well.
namespace {

using namespace ctgrad;
using test::numbers_of;
using test::seed;

/// Sizes that fill no panel, of heads that a team does not divide.
constexpr Size length = 61, width = 210, heads = 7, hidden = 550;
using Layer = nn::EncoderLayer<width, heads, hidden>;
using X = Tensor<1, length, width>;

constexpr auto forward = [](const auto& layer, auto x) { return layer(x); };
constexpr auto loss = [](const auto& layer, auto x) { return mean(square(layer(x))); };
/// A sentence and a vocabulary of which neither fills whole blocks.
constexpr Size words = 3000;
struct LanguageModel {
  BOOST_HANA_DEFINE_STRUCT(LanguageModel, (nn::Embedding<words, 40>, tokens), (nn::Linear<40, words>, head));
  constexpr auto operator()(auto ids) const { return head(tokens(ids)); }
};
/// Of much to read and little to compute.
struct Perceptron {
  BOOST_HANA_DEFINE_STRUCT(Perceptron, (nn::Linear<512, 2000>, first), (nn::Linear<2000, 1030>, second));
  constexpr auto operator()(auto x) const { return second(relu(first(x))); }
};
using Ids = Index<1, 230>;
constexpr auto token_loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
constexpr auto weighted_token_loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets, IgnoreIndex{3});
};

constexpr auto stack = [](auto a, auto b) { return matmul(a, transpose(b)); };

template <class Scalar, std::size_t Rank>
xt::xtensor<Scalar, Rank> random_array(const std::array<std::size_t, Rank>& shape, std::uint64_t stream) {
  xt::xtensor<Scalar, Rank> x = xt::zeros<Scalar>(shape);
  Random random{Seed{seed()}, stream};
  for (auto& number : x) number = static_cast<Scalar>(random.normal());
  return x;
}

template <class Scalar>
auto input() {
  return random_array<Scalar, 3>({1, length, width}, 1);
}

template <class Result>
auto elements_of(const Result& result) {
  if constexpr (requires { result.gradients; }) {
    return numbers_of(result);
  } else if constexpr (std::is_arithmetic_v<Result>) {
    return std::vector<Result>{result};
  } else {
    return std::vector(result.begin(), result.end());
  }
}

/// Runs P for teams of several sizes, twice each: in other memory where the first result is held.
template <class P, class... Inputs>
void check_teams(const Inputs&... inputs) {
  P alone;
  const auto expected = elements_of(alone(inputs...));
  for (const std::size_t threads : {1u, 2u, 3u, 8u}) {
    INFO(threads << " threads");
    P program{Team(threads)};
    const auto held = program(inputs...);
    const bool same = elements_of(held) == expected && elements_of(program(inputs...)) == expected;
    CHECK(same);
  }
}

}  // namespace

TEST_CASE("a team that shares the calls of a program gives the bits of one thread") {
  const Parameters<Layer> layer{Seed{1}};
  static_assert(Program<forward, Layer, X>::is_shared_by_teams());
  static_assert(Program<value_and_grad(loss), Layer, X>::is_shared_by_teams());
  check_teams<Program<forward, Layer, X>>(layer, input<float>());
  check_teams<Program<value_and_grad(loss), Layer, X>>(layer, input<float>());
}

TEST_CASE("a team shares a linear layer with its cross-entropy, and their gradients") {
  const Parameters<LanguageModel> model{Seed{1}};
  xt::xtensor<std::int32_t, 2> ids = xt::zeros<std::int32_t>({1, 230}), targets = ids;
  Random random{Seed{seed()}, 5};
  for (auto& id : ids) id = static_cast<std::int32_t>(random.below(words));
  for (auto& id : targets) id = static_cast<std::int32_t>(random.below(words));
  for (int i = 0; i < 230; i += 7) targets(0, static_cast<std::size_t>(i)) = 3;
  static_assert(Program<token_loss, LanguageModel, Ids, Ids>::is_shared_by_teams());
  static_assert(Program<value_and_grad(token_loss), LanguageModel, Ids, Ids>::is_shared_by_teams());
  check_teams<Program<token_loss, LanguageModel, Ids, Ids>>(model, ids, targets);
  check_teams<Program<weighted_token_loss, LanguageModel, Ids, Ids>>(model, ids, targets);
  check_teams<Program<value_and_grad(token_loss), LanguageModel, Ids, Ids>>(model, ids, targets);
  check_teams<Program<value_and_grad(weighted_token_loss), LanguageModel, Ids, Ids>>(model, ids, targets);
}

TEST_CASE("few tokens of large width have the bits of one thread, shared or not") {
  using Wide = nn::Linear<5000, 600>;
  using Tokens = Tensor<1, 8, 5000>;
  constexpr auto wide_loss = [](const auto& head, auto x, auto targets) {
    return cross_entropy(head(x), targets);
  };
  const Parameters<Wide> head{Seed{1}};
  const auto x = random_array<float, 3>({1, 8, 5000}, 6);
  const xt::xtensor<std::int32_t, 2> targets = xt::ones<std::int32_t>({1, 8});
  check_teams<Program<wide_loss, Wide, Tokens, Index<1, 8>>>(head, x, targets);
  check_teams<Program<value_and_grad(wide_loss), Wide, Tokens, Index<1, 8>>>(head, x, targets);
}

TEST_CASE("a team shares a stack of products, and programs in double and in mixed precision") {
  using Stack = Tensor<6, 160, 90>;
  static_assert(Program<stack, Stack, Stack>::is_shared_by_teams());
  check_teams<Program<stack, Stack, Stack>>(random_array<float, 3>({6, 160, 90}, 2),
                                            random_array<float, 3>({6, 160, 90}, 3));
  const Parameters<Layer, double> exact{Seed{1}};
  check_teams<DoubleProgram<forward, Layer, X>>(exact, input<double>());
  const Parameters<Layer> layer{Seed{1}};
  check_teams<MixedProgram<value_and_grad(loss), Layer, X>>(layer, input<float>());
}

TEST_CASE("copies and moved programs share calls with the same team, in room of their own") {
  using P = Program<value_and_grad(loss), Layer, X>;
  const Parameters<Layer> layer{Seed{1}};
  const auto x = input<float>();
  P program{Team(2)};
  const auto expected = numbers_of(program(layer, x));
  P copy = program;
  std::vector<float> found[2];
  std::thread other([&] { found[0] = numbers_of(copy(layer, x)); });
  found[1] = numbers_of(program(layer, x));
  other.join();
  CHECK((found[0] == expected && found[1] == expected));
  P moved = std::move(program);
  CHECK(numbers_of(moved(layer, x)) == expected);
  CHECK(numbers_of(program(layer, x)) == expected);  // NOLINT(bugprone-use-after-move): runs again
}

TEST_CASE("a run that a team shares allocates nothing") {
  const Parameters<Layer> layer{Seed{1}};
  const auto x = input<float>();
  Program<forward, Layer, X> program{Team(2)};
  program.run(layer, x);
  const std::size_t before = test::allocations();
  for (int i = 0; i < 5; ++i) program.run(layer, x);
  CHECK(test::allocations() == before);
}

TEST_CASE("a program with little to share is not shared") {
  using Small = nn::EncoderLayer<32, 2, 64>;
  using P = Program<forward, Small, Tensor<1, 12, 32>>;
  CHECK_FALSE(P::is_shared_by_teams());
  const Parameters<Small> layer{Seed{1}};
  const auto x = random_array<float, 3>({1, 12, 32}, 4);
  P alone;
  P program{Team(2)};
  CHECK(elements_of(program(layer, x)) == elements_of(alone(layer, x)));
}

TEST_CASE("a run that waits for its weights is shared, though it has little to compute") {
  constexpr auto classify = [](const auto& model, auto x) { return model(x); };
  using P = Program<classify, Perceptron, Tensor<1, 512>>;
  static_assert(P::is_shared_by_teams());
  check_teams<P>(Parameters<Perceptron>{Seed{1}}, random_array<float, 2>({1, 512}, 5));
}
