#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train/toy.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

#include <cstdio>
#include <new>

namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<16, 8>,         tokens),
    (nn::PositionEmbedding<6, 8>,  positions),
    (nn::Encoder<1, 8, 2, 16>,     encoder),
    (nn::Linear<8, 16>,            head));

  constexpr auto operator()(auto ids) const { return head(encoder(positions(tokens(ids)))); }
};

constexpr auto forward = [](const auto& model, auto ids) { return model(ids); };
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};
using Ids = Index<4, 6>;

}  // namespace

TEST_CASE("the counter sees an allocation") {
  const std::size_t before = test::allocations();
  ::operator delete(::operator new(1));  // a call that no compiler may leave out
  CHECK(test::allocations() == before + 1);
}

TEST_CASE(
    "neither a forward run, nor value_and_grad, whole or in shards, nor an optimiser's update allocates") {
  Parameters<Model> parameters{Seed{1}};
  Program<forward, Model, Ids> predict;
  Program<value_and_grad(loss), Model, Ids, Ids> step;
  Adam adam{parameters};
  Sgd sgd{parameters};
  toy::Sequences sequences(toy::Task::reverse, {.vocabulary = 16, .length = 6, .batch = 4}, Seed{2});
  const toy::Batch& batch = sequences.next();

  std::size_t before = test::allocations();
  double sum = 0;
  for (int i = 0; i < 3; ++i) sum += static_cast<double>(predict(parameters, batch.ids)(0, 0, 0));
  const std::size_t of_forward = test::allocations() - before;

  before = test::allocations();
  for (int i = 0; i < 3; ++i) {
    const auto result = step(parameters, batch.ids, batch.targets);
    sum += static_cast<double>(result.value);
    adam.update(parameters, result.gradients);
    sgd.update(parameters, result.gradients);
  }
  const std::size_t of_step = test::allocations() - before;

  before = test::allocations();
  sequences.next();
  const std::size_t of_data = test::allocations() - before;

  ShardedProgram<4, value_and_grad(loss), Model, Ids, Ids> sharded{Team{2}};
  adam.set_team(sharded.team());
  before = test::allocations();
  for (int i = 0; i < 3; ++i) {
    const auto result = sharded(parameters, batch.ids, batch.targets);
    sum += static_cast<double>(result.value);
    adam.update(parameters, result);
  }
  const std::size_t of_shards = test::allocations() - before;

  CHECK(std::isfinite(sum));
  CHECK(of_shards == 0);
  CHECK(of_forward == 0);
  CHECK(of_step == 0);
  CHECK(of_data == 0);
  std::printf("figure: heap allocations: forward %zu, value_and_grad with Adam and SGD %zu (bar 0)\n",
              of_forward, of_step);
}
