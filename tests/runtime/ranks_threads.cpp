#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/numbers_of.hpp>
#include <support/thread_ranks.hpp>
#include <support/token_encoder.hpp>

#include <numeric>

/// A sharded program gives the same bits at any number of ranks, which are threads here. The thread sanitizer
/// looks at these tests as well.
namespace {

using namespace ctgrad;
using test::numbers_of;

using Model = test::TokenEncoder;
using Ids = Model::Ids;
constexpr Size batch = Model::batch, length = Model::length;

constexpr auto loss = [](const auto& model, auto ids, auto targets, auto key) {
  return cross_entropy(model(ids, key), targets);
};
constexpr auto ignoring_loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets, IgnoreIndex{3});
};
constexpr auto predict = [](const auto& model, auto x) {
  const auto logits = model(x);
  return std::tuple{logits, mean(logits), x};
};

template <class Logits, class Mean, class Copied>
std::vector<float> numbers_of(const Results<Logits, Mean, Copied>& result) {
  const auto& [logits, mean, copied] = result;
  std::vector<float> numbers(logits.begin(), logits.end());
  numbers.push_back(mean);
  for (const std::int32_t id : copied) numbers.push_back(static_cast<float>(id));
  return numbers;
}

xt::xtensor<std::int32_t, 2> ids(std::uint64_t stream) { return Model::ids(stream); }

/// What a function's program gives at ranks of 1 to 13 has the bits of a single rank's.
template <std::size_t Shards, auto F, class... Types, class... Inputs>
void check_ranks(const Inputs&... inputs) {
  const Parameters<Model> parameters{Seed{1}};
  using Sharded = ShardedProgram<Shards, F, Model, Types...>;
  Sharded alone{Team{2}};
  const std::vector<float> expected = numbers_of(alone(parameters, inputs...));
  for (const std::size_t size : {1u, 2u, 3u, 4u, 7u, 13u}) {
    std::vector<std::vector<float>> got(size);
    std::vector<Size> samples(size);
    test::run_ranks(size, [&](const Ranks& ranks, const test::ThreadTransport&) {
      Sharded program{Team{1 + ranks.rank() % 2}, ranks};
      for (int run = 0; run < 2; ++run) got[ranks.rank()] = numbers_of(program(parameters, inputs...));
      samples[ranks.rank()] = program.samples_end() - program.samples_begin();
    });
    for (std::size_t r = 0; r < size; ++r) {
      INFO(Shards << " shards, rank " << r << " of " << size);
      CHECK(got[r] == expected);
    }
    Size all = 0;
    for (const Size own : samples) all += own;
    CHECK(all == batch);
  }
}

}  // namespace

TEST_CASE("results have the same bits at any number of ranks") {
  const RandomKey key = random_key(Seed{5}, 17);
  check_ranks<1, value_and_grad(loss), Ids, Ids, Key>(ids(1), ids(2), key);
  check_ranks<4, value_and_grad(loss), Ids, Ids, Key>(ids(1), ids(2), key);
  check_ranks<6, value_and_grad(loss), Ids, Ids, Key>(ids(1), ids(2), key);
  check_ranks<12, value_and_grad(loss), Ids, Ids, Key>(ids(1), ids(2), key);
  check_ranks<6, value_and_grad(ignoring_loss), Ids, Ids>(ids(1), ids(2));
}

TEST_CASE("ranks have the predictions of all samples") {
  check_ranks<4, predict, Ids>(ids(1));
  check_ranks<12, predict, Ids>(ids(1));
}

TEST_CASE("a rank reads its own samples alone") {
  const Parameters<Model> parameters{Seed{1}};
  using Sharded = ShardedProgram<6, value_and_grad(ignoring_loss), Model, Ids, Ids>;
  Sharded alone{Team{1}};
  const auto x = ids(1), targets = ids(2);
  const std::vector<float> expected = numbers_of(alone(parameters, x, targets));
  std::vector<std::vector<float>> got(3);
  test::run_ranks(3, [&](const Ranks& ranks, const test::ThreadTransport&) {
    Sharded program{Team{1}, ranks};
    xt::xtensor<std::int32_t, 2> mine = xt::zeros<std::int32_t>({batch, length});
    mine.fill(-1);  // is no id
    for (auto s = static_cast<std::size_t>(program.samples_begin());
         s < static_cast<std::size_t>(program.samples_end()); ++s) {
      for (std::size_t i = 0; i < length; ++i) mine(s, i) = x(s, i);
    }
    got[ranks.rank()] = numbers_of(program(parameters, mine, targets));
  });
  for (const std::vector<float>& numbers : got) CHECK(numbers == expected);
}

TEST_CASE("what one rank throws, all throw") {
  const Parameters<Model> parameters{Seed{1}};
  using Sharded = ShardedProgram<4, value_and_grad(ignoring_loss), Model, Ids, Ids>;
  std::vector<std::string> messages(3);
  std::vector<std::vector<float>> got(3);
  test::run_ranks(3, [&](const Ranks& ranks, const test::ThreadTransport&) {
    Sharded program{Team{1}, ranks};
    auto x = ids(1);
    if (ranks.rank() == 1) x(4, 2) = 11;
    try {
      program(parameters, x, ids(2));
    } catch (const RankError& error) {
      messages[ranks.rank()] = error.what();
    } catch (const std::exception& error) {
      messages[ranks.rank()] = std::string("own: ") + error.what();
    }
    got[ranks.rank()] = numbers_of(program(parameters, ids(1), ids(2)));  // they go on together
  });
  const std::string message = "argument 2[4, 2] = 11 is not in [0, 11) of embedding 'tokens'";
  CHECK(messages[0] == "rank 1: " + message);
  CHECK(messages[1] == "own: " + message);
  CHECK(messages[2] == messages[0]);
  CHECK(got[0] == got[2]);
}

TEST_CASE("gradients take no more bytes than they must") {
  const Parameters<Model> parameters{Seed{1}};
  using Sharded = ShardedProgram<4, value_and_grad(ignoring_loss), Model, Ids, Ids>;
  const std::size_t least = 2 * 3 * parameters.flat().size_bytes() / 4;
  std::vector<std::size_t> bytes(4);
  test::run_ranks(4, [&](const Ranks& ranks, const test::ThreadTransport& transport) {
    Sharded program{Team{1}, ranks};
    program.run(parameters, ids(1), ids(2));
    bytes[ranks.rank()] = transport.bytes;
  });
  const std::size_t all = std::accumulate(bytes.begin(), bytes.end(), std::size_t{0});
  CHECK(all >= 4 * least);
  CHECK(all < 4 * (least + 200));  // with the losses' sums and weights
}

TEST_CASE("ranks agree on what must be the same") {
  std::vector<std::string> messages(4);
  test::run_ranks(4, [&](const Ranks& ranks, const test::ThreadTransport&) {
    ranks.require_same("the file", "abc");
    try {
      ranks.require_same("the seed", ranks.rank() < 2 ? "1" : "3");
    } catch (const std::invalid_argument& error) {
      messages[ranks.rank()] = error.what();
    }
    std::vector<float> numbers(100, static_cast<float>(ranks.rank()));
    ranks.broadcast(std::span<float>(numbers), 2);
    if (numbers != std::vector<float>(100, 2)) messages[ranks.rank()] = "broadcast";
    if (!ranks.any(ranks.rank() == 3) || ranks.any(false)) messages[ranks.rank()] = "any";
  });
  for (const std::string& message : messages)
    CHECK(message == "the seed: expected the same at all ranks, got 3 at rank 2, 1 at rank 0");
}

TEST_CASE("ranks begin a run with the same parameters, keys and numbers, or all refuse it") {
  constexpr auto weighted = [](const auto& model, auto ids, auto targets, auto weight, auto key) {
    return weight * cross_entropy(model(ids, key), targets);
  };
  using Sharded = ShardedProgram<4, value_and_grad(weighted), Model, Ids, Ids, Tensor<>, Key>;
  const auto message_of = [](const auto& run) {
    std::vector<std::string> messages(3);
    test::run_ranks(3, [&](const Ranks& ranks, const test::ThreadTransport&) {
      Sharded program{Team{1}, ranks};
      Parameters<Model> parameters{Seed{1}};
      try {
        run(program, parameters, ranks.rank() == 2);
      } catch (const std::invalid_argument& error) {
        messages[ranks.rank()] = error.what();
        program(parameters, ids(1), ids(2), 1, random_key(Seed{5}, 2));  // they go on together
      }
    });
    CHECK(messages[1] == messages[0]);
    CHECK(messages[2] == messages[0]);
    return messages[0];
  };
  const RandomKey key = random_key(Seed{5}, 17);
  const std::string same = ", by a hash: expected the same at all ranks, got ";
  CHECK(message_of([&](Sharded& program, Parameters<Model>& parameters, bool) {
          for (int run = 0; run < 2; ++run) program(parameters, ids(1), ids(2), 1, key);
        }).empty());
  CHECK_THAT(message_of([&](Sharded& program, Parameters<Model>& parameters, bool is_last) {
               const Parameters<Model> others{Seed{2}};
               program(is_last ? others : parameters, ids(1), ids(2), 1, key);
             }),
             test::contains("argument 1" + same));
  for (const int good_runs : {0, 1}) {
    CHECK_THAT(message_of([&](Sharded& program, Parameters<Model>& parameters, bool is_last) {
                 for (int run = 0; run < good_runs; ++run) program(parameters, ids(1), ids(2), 1, key);
                 program(parameters, ids(1), ids(2), 1, random_key(Seed{is_last ? 6u : 5u}, 17));
               }),
               test::contains("argument 5, the key" + same));
    CHECK_THAT(message_of([&](Sharded& program, Parameters<Model>& parameters, bool is_last) {
                 for (int run = 0; run < good_runs; ++run) program(parameters, ids(1), ids(2), 1, key);
                 program(parameters, ids(1), ids(2), is_last ? 1.5f : 1.0f, key);
               }),
               test::contains("argument 4" + same));
  }
}
