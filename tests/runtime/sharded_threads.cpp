#include <ctgrad/ctgrad.hpp>
#include <ctgrad/runtime/sharded_program.hpp>

#include <support/catch.hpp>
#include <support/numbers_of.hpp>
#include <support/token_encoder.hpp>

#include <cmath>

/// A sharded program gives what a program of the whole batch gives, in the same bits for teams of any size.
/// The thread sanitizer looks at these tests as well.
namespace {

using namespace ctgrad;
using test::numbers_of;
using test::seed;

using Model = test::TokenEncoder;
using Ids = Model::Ids;
constexpr Size batch = Model::batch, length = Model::length;
using Weights = Tensor<batch, length>;

constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
constexpr auto dropout_loss = [](const auto& model, auto ids, auto targets, auto key) {
  return cross_entropy(model(ids, key), targets);
};
constexpr auto weighted_loss = [](const auto& model, auto ids, auto targets, auto weights) {
  return cross_entropy(model(ids), targets, weights);
};
constexpr auto ignoring_loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets, IgnoreIndex{3});
};

xt::xtensor<std::int32_t, 2> ids(std::uint64_t stream) { return Model::ids(stream); }
xt::xtensor<float, 2> weights() {
  xt::xtensor<float, 2> x = xt::zeros<float>({batch, length});
  Random random{Seed{seed()}, 7};
  for (auto& weight : x) weight = static_cast<float>(random.below(4));
  return x;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < b.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest;
}

/// What a function's program gives for the whole batch, and cut into shards; the bits of teams of 1 to 8
/// threads are equal.
template <std::size_t Shards, auto F, class... Types, class... Inputs>
void check_shards(const Inputs&... inputs) {
  const Parameters<Model> parameters{Seed{1}};
  Program<F, Model, Types...> whole;
  const std::vector<float> expected = numbers_of(whole(parameters, inputs...));
  std::vector<float> first;
  for (const std::size_t threads : {1u, 2u, 3u, 8u}) {
    INFO(Shards << " shards, " << threads << " threads");
    ShardedProgram<Shards, F, Model, Types...> program{Team{threads}};
    const std::vector<float> got = numbers_of(program(parameters, inputs...));
    CHECK(largest_difference(got, expected) < 2e-6);
    if (first.empty()) first = got;
    CHECK(got == first);
    CHECK(numbers_of(program.result()) == first);
  }
}

}  // namespace

TEST_CASE("losses and gradients of shards are those of the batch, whatever the threads") {
  check_shards<1, value_and_grad(loss), Ids, Ids>(ids(1), ids(2));
  check_shards<2, value_and_grad(loss), Ids, Ids>(ids(1), ids(2));
  check_shards<3, value_and_grad(loss), Ids, Ids>(ids(1), ids(2));
  check_shards<12, value_and_grad(loss), Ids, Ids>(ids(1), ids(2));
}

TEST_CASE("dropout of a sample is the same in any shard") {
  check_shards<4, value_and_grad(dropout_loss), Ids, Ids, Key>(ids(1), ids(2), random_key(Seed{5}, 17));
  check_shards<6, value_and_grad(dropout_loss), Ids, Ids, Key>(ids(1), ids(2), random_key(Seed{5}, 17, 96));
}

TEST_CASE("weights that differ between shards give the mean over the batch") {
  check_shards<4, value_and_grad(weighted_loss), Ids, Ids, Weights>(ids(1), ids(2), weights());
  xt::xtensor<float, 2> few = xt::zeros<float>({batch, length});
  few(7, 2) = 2;
  check_shards<6, value_and_grad(weighted_loss), Ids, Ids, Weights>(ids(1), ids(2), few);
  few(7, 2) = 0;
  check_shards<6, value_and_grad(weighted_loss), Ids, Ids, Weights>(ids(1), ids(2), few);
  check_shards<6, value_and_grad(ignoring_loss), Ids, Ids>(ids(1), ids(2));
  check_shards<6, optimize<Optimize{.large_logits = 1}>(value_and_grad(ignoring_loss)), Ids, Ids>(ids(1),
                                                                                                  ids(2));
}

TEST_CASE("arrays of results lie one behind the other; what is Whole and numbers go to all shards") {
  constexpr auto predict = [](const auto& model, auto x, auto table, auto factor) {
    const auto logits = model(x) * factor;
    return std::tuple{logits, x, mean(logits), sum<-1>(logits) * mean(table), logits > 0.1};
  };
  const Parameters<Model> parameters{Seed{1}};
  const xt::xtensor<float, 1> table = xt::linspace<float>(1, 2, 11);
  Program<predict, Model, Ids, Tensor<11>, Tensor<>> whole;
  const auto expected = whole(parameters, ids(1), table, 1.5);
  for (const std::size_t threads : {1u, 2u, 5u}) {
    ShardedProgram<4, predict, Model, Ids, Whole<Tensor<11>>, Tensor<>> program{Team{threads}};
    const auto got = program(parameters, ids(1), table, 1.5);
    CHECK((std::get<0>(got) == std::get<0>(expected)));
    CHECK((std::get<1>(got) == std::get<1>(expected)));
    CHECK(std::get<2>(got) == Approx(std::get<2>(expected)));
    CHECK((std::get<3>(got) == std::get<3>(expected)));
    CHECK((std::get<4>(got) == std::get<4>(expected)));
  }
}

TEST_CASE("a weighted mean by itself is that of the batch") {
  const Parameters<Model> parameters{Seed{1}};
  ShardedProgram<6, weighted_loss, Model, Ids, Ids, Weights> program{Team{2}};
  Program<weighted_loss, Model, Ids, Ids, Weights> whole;
  CHECK(program(parameters, ids(1), ids(2), weights()) ==
        Approx(whole(parameters, ids(1), ids(2), weights())));
  constexpr auto own = [](const auto& model, auto x, auto rows) {
    return weighted_mean(square(mean<-1>(model(x))), rows);
  };
  ShardedProgram<3, value_and_grad(own), Model, Ids, Weights> own_program{Team{2}};
  Program<value_and_grad(own), Model, Ids, Weights> own_whole;
  CHECK(largest_difference(numbers_of(own_program(parameters, ids(1), weights())),
                           numbers_of(own_whole(parameters, ids(1), weights()))) < 1e-6);
}

TEST_CASE("what is wrong is named by its place in the batch, and changes no result") {
  const Parameters<Model> parameters{Seed{1}};
  ShardedProgram<4, value_and_grad(loss), Model, Ids, Ids> program{Team{3}};
  const std::vector<float> before = numbers_of(program(parameters, ids(1), ids(2)));
  auto wrong = ids(1);
  wrong(10, 3) = 11;
  CHECK_THROWS_WITH(program(parameters, wrong, ids(2)),
                    "argument 2[10, 3] = 11 is not in [0, 11) of embedding 'tokens'");
  CHECK_THROWS_AS(program(parameters, wrong, ids(2)), std::out_of_range);
  CHECK_THROWS_WITH(
      program(parameters, xt::xtensor<std::int32_t, 2>(xt::zeros<std::int32_t>({3, 5})), ids(2)),
      test::contains("argument 2: expected shape [12, 5], got [3, 5]"));
  CHECK(numbers_of(program.result()) == before);
  CHECK(numbers_of(program(parameters, ids(1), ids(2))) == before);
  ShardedProgram<4, value_and_grad(dropout_loss), Model, Ids, Ids, Key> drops{Team{2}};
  CHECK_THROWS_WITH(drops(parameters, ids(1), ids(2), random_key(Seed{1}, 0, 0xfffffff8)),
                    "random_key: first_sample: expected less than 2^32, got 4294967297");
}

TEST_CASE("a result that is held keeps its numbers, and may be an argument") {
  const Parameters<Model> parameters{Seed{1}};
  ShardedProgram<4, value_and_grad(loss), Model, Ids, Ids> program{Team{2}};
  const auto first = program(parameters, ids(1), ids(2));
  const std::vector<float> numbers = numbers_of(first);
  const auto second = program(parameters, ids(2), ids(1));
  CHECK(numbers_of(first) == numbers);
  CHECK(numbers_of(second) != numbers);
  constexpr auto add_one = [](auto x) { return x + 1; };
  ShardedProgram<2, add_one, Tensor<4, 3>> counter{Team{2}};
  xt::xtensor<float, 2> zero = xt::zeros<float>({4, 3});
  auto count = counter(zero);
  for (int i = 0; i < 5; ++i) count = counter(count);
  CHECK((count == xt::xtensor<float, 2>(6 * xt::ones<float>({4, 3}))));
}

TEST_CASE("several programs share a team, also from several threads") {
  const Team team{3};
  const Parameters<Model> parameters{Seed{1}};
  std::array<std::vector<float>, 4> together;
  {
    std::vector<std::jthread> threads;
    for (auto& own : together) {
      threads.emplace_back([&] {
        ShardedProgram<4, value_and_grad(loss), Model, Ids, Ids> program{team};
        for (int i = 0; i < 20; ++i) own = numbers_of(program(parameters, ids(1), ids(2)));
      });
    }
  }
  ShardedProgram<4, value_and_grad(loss), Model, Ids, Ids> alone{Team{1}};
  const std::vector<float> expected = numbers_of(alone(parameters, ids(1), ids(2)));
  for (const auto& own : together) CHECK(own == expected);
}

TEST_CASE("a program that was moved from gets memory again by a run") {
  const Parameters<Model> parameters{Seed{1}};
  ShardedProgram<4, value_and_grad(loss), Model, Ids, Ids> program{Team{2}};
  const std::vector<float> before = numbers_of(program(parameters, ids(1), ids(2)));
  auto moved = std::move(program);
  CHECK(numbers_of(moved.result()) == before);
  CHECK_THROWS_AS(program.result(), std::logic_error);  // NOLINT(bugprone-use-after-move)
  CHECK(numbers_of(program(parameters, ids(1), ids(2))) == before);
}

TEST_CASE("weights however small, and models without parameters") {
  constexpr auto mean_of = [](auto x, auto w) { return weighted_mean(x, w); };
  ShardedProgram<2, mean_of, Tensor<4>, Tensor<4>> program{Team{2}};
  const xt::xtensor<float, 1> x{1, 2, 3, 4};
  const xt::xtensor<float, 1> w{1e-41F, 0, 0, 1e-41F};
  CHECK(program(x, w) == Approx(2.5).epsilon(1e-3));
  constexpr auto with_empty = [](const auto& layer, const auto&, auto rows) {
    return mean(square(layer(rows)));
  };
  ShardedProgram<2, value_and_grad<0, 1>(with_empty), nn::Linear<3, 2>, nn::Dropout<>, Tensor<4, 3>> steps{
      Team{2}};
  const Parameters<nn::Linear<3, 2>> parameters{Seed{1}};
  const Parameters<nn::Dropout<>> none{Seed{1}};
  const xt::xtensor<float, 2> rows = xt::ones<float>({4, 3});
  const auto result = steps(parameters, none, rows);
  Program<value_and_grad<0, 1>(with_empty), nn::Linear<3, 2>, nn::Dropout<>, Tensor<4, 3>> whole;
  CHECK(result.value == Approx(whole(parameters, none, rows).value));
}
