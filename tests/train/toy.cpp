#include <ctgrad/train/toy.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace toy = ctgrad::toy;
using ctgrad::Seed;
using Tokens = std::vector<std::int32_t>;

namespace {

Tokens row(const xt::xtensor<std::int32_t, 2>& batch, std::size_t index) {
  const std::int32_t* begin = batch.data() + index * batch.shape()[1];
  return {begin, begin + batch.shape()[1]};
}

/// The first `count` sequences, one a batch.
std::vector<Tokens> draw(toy::Sizes sizes, Seed seed, toy::Split split, std::size_t count) {
  sizes.batch = 1;
  toy::Sequences sequences(toy::Task::copy, sizes, seed, split);
  std::vector<Tokens> drawn;
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(row(sequences.next().ids, 0));
  return drawn;
}

/// Every sequence over {0, ..., vocabulary-1}.
std::vector<Tokens> all_sequences(std::int32_t vocabulary, std::size_t length) {
  std::vector<Tokens> sequences{{}};
  for (std::size_t position = 0; position < length; ++position) {
    std::vector<Tokens> longer;
    for (const Tokens& sequence : sequences) {
      for (std::int32_t token = 0; token < vocabulary; ++token) {
        longer.push_back(sequence);
        longer.back().push_back(token);
      }
    }
    sequences = longer;
  }
  return sequences;
}

constexpr toy::Sizes usual{.vocabulary = 16, .length = 12, .batch = 32};

}  // namespace

TEST_CASE("targets are the copied, the reversed or the sorted sequence", "[toy]") {
  const Tokens ids{3, 1, 2, 1};
  Tokens targets(4);
  toy::solve(toy::Task::copy, ids, targets);
  CHECK(targets == Tokens{3, 1, 2, 1});
  toy::solve(toy::Task::reverse, ids, targets);
  CHECK(targets == Tokens{1, 2, 1, 3});
  toy::solve(toy::Task::sort, ids, targets);
  CHECK(targets == Tokens{1, 1, 2, 3});
  Tokens short_of_one(3);
  for (const toy::Task task : {toy::Task::copy, toy::Task::reverse, toy::Task::sort}) {
    CHECK_THROWS_WITH(toy::solve(task, ids, short_of_one), "toy: targets: expected 4 tokens, got 3");
  }
}

TEST_CASE("every row of a batch is a sequence of the vocabulary, with its target", "[toy]") {
  toy::Sequences sequences(toy::Task::reverse, usual, Seed{41});
  for (int i = 0; i < 5; ++i) {
    const auto& [ids, targets] = sequences.next();
    REQUIRE(ids.shape()[0] == 32);
    REQUIRE(ids.shape()[1] == 12);
    REQUIRE(targets.shape() == ids.shape());
    for (std::size_t r = 0; r < 32; ++r) {
      Tokens sequence = row(ids, r);
      CHECK(std::ranges::all_of(sequence, [](std::int32_t id) { return id >= 0 && id < 16; }));
      std::ranges::reverse(sequence);
      CHECK(row(targets, r) == sequence);
    }
  }
}

TEST_CASE("the same seed gives the same sequences, another seed and the other split others", "[toy]") {
  const auto drawn = draw(usual, Seed{42}, toy::Split::training, 50);
  CHECK(draw(usual, Seed{42}, toy::Split::training, 50) == drawn);
  CHECK(draw(usual, Seed{43}, toy::Split::training, 50) != drawn);
  CHECK(draw(usual, Seed{42}, toy::Split::evaluation, 50) != drawn);
}

TEST_CASE("the batch size only decides how many sequences come at a time", "[toy]") {
  const auto singly = draw(usual, Seed{44}, toy::Split::training, 64);
  toy::Sequences batches(toy::Task::copy, usual, Seed{44});
  std::size_t number = 0;
  for (const auto& [ids, targets] : batches) {
    for (std::size_t r = 0; r < 32; ++r) CHECK(row(ids, r) == singly[number++]);
    if (number == 64) break;
  }
}

TEST_CASE("batches that are passed over are as good as drawn", "[toy]") {
  toy::Sequences drawn(toy::Task::copy, usual, Seed{49}), skipped(toy::Task::copy, usual, Seed{49});
  for (int i = 0; i < 3; ++i) drawn.next();
  skipped.skip(3);
  CHECK(skipped.next().ids == drawn.next().ids);
}

TEST_CASE("a batch is drawn into the place of the one before", "[toy]") {
  toy::Sequences sequences(toy::Task::sort, usual, Seed{45});
  const toy::Batch& first = sequences.next();
  const std::int32_t* ids = first.ids.data();
  const Tokens before = row(first.ids, 0);
  const toy::Batch& second = sequences.next();
  CHECK(&second == &first);
  CHECK(second.ids.data() == ids);
  CHECK(row(second.ids, 0) != before);
}

TEST_CASE("training never draws what evaluation draws: the splits follow from the sequence alone", "[toy]") {
  const toy::HeldOut held_out(16, 12);
  for (const std::uint64_t seed : {46u, 47u}) {
    INFO("seed " << seed);
    for (const Tokens& sequence : draw(usual, Seed{seed}, toy::Split::training, 2000)) {
      CHECK_FALSE(held_out.contains(sequence));
    }
    for (const Tokens& sequence : draw(usual, Seed{seed}, toy::Split::evaluation, 500)) {
      CHECK(held_out.contains(sequence));
    }
  }
}

TEST_CASE("a sixteenth of all sequences is held out, and of small spaces exactly that, rounded up", "[toy]") {
  const auto held_out = [](std::int32_t vocabulary, std::size_t length) {
    const toy::HeldOut set(vocabulary, length);
    return std::ranges::count_if(all_sequences(vocabulary, length),
                                 [&](const Tokens& s) { return set.contains(s); });
  };
  CHECK(held_out(2, 1) == 1);
  CHECK(held_out(1000, 1) == 63);
  CHECK(held_out(2, 2) == 1);
  CHECK(held_out(17, 1) == 2);
  CHECK(held_out(3, 4) == 6);
  CHECK(held_out(16, 3) == 256);
  CHECK(held_out(2, 12) == 256);
  const double sixteenth = (1 << 14) / 16.0;
  CHECK(std::abs(static_cast<double>(held_out(2, 14)) - sixteenth) < 5 * std::sqrt(sixteenth * 15 / 16));
}

TEST_CASE("in a small space the splits are disjoint, complete, and each is drawn uniformly", "[toy]") {
  const toy::Sizes small{.vocabulary = 3, .length = 3, .batch = 1};  // 27 sequences, 2 of them held out
  std::map<Tokens, int> trained, evaluated;
  for (const Tokens& sequence : draw(small, Seed{48}, toy::Split::training, 2500)) ++trained[sequence];
  for (const Tokens& sequence : draw(small, Seed{48}, toy::Split::evaluation, 200)) ++evaluated[sequence];
  INFO("seed 48; bars are five standard deviations");
  CHECK(trained.size() == 25);
  CHECK(evaluated.size() == 2);
  for (const auto& [sequence, count] : trained) {
    CHECK_FALSE(evaluated.contains(sequence));
    CHECK(std::abs(count - 100) < 50);
  }
  for (const auto& [sequence, count] : evaluated) CHECK(std::abs(count - 100) < 36);
}

TEST_CASE("a task is known by its name, and an unknown name is answered with those there are", "[toy]") {
  CHECK(toy::parse_task("copy") == toy::Task::copy);
  CHECK(toy::parse_task("reverse") == toy::Task::reverse);
  CHECK(toy::parse_task("sort") == toy::Task::sort);
  CHECK_THROWS_WITH(toy::parse_task("Copy"), "task: expected copy, reverse or sort, got 'Copy'");
  CHECK_THROWS_WITH(toy::parse_task("\x1B[31m"), "task: expected copy, reverse or sort, got '\\x1B[31m'");
}

TEST_CASE("sizes that leave nothing to hold out are refused", "[toy]") {
  const auto make = [](std::int32_t vocabulary, std::size_t length) {
    return toy::Sequences(toy::Task::copy, {.vocabulary = vocabulary, .length = length, .batch = 1}, Seed{1});
  };
  CHECK_THROWS_WITH(make(0, 3), "toy sequences: vocabulary: expected at least 1, got 0");
  CHECK_THROWS_WITH(make(-4, 3), "toy sequences: vocabulary: expected at least 1, got -4");
  CHECK_THROWS_WITH(make(1, 9),
                    "toy sequences: vocabulary to the power of length: expected at least 2, got 1");
  CHECK_THROWS_WITH(make(5, 0),
                    "toy sequences: vocabulary to the power of length: expected at least 2, got 1");
}

TEST_CASE("sizes that no memory holds are refused before any is asked for", "[toy]") {
  const auto make = [](std::int32_t vocabulary, std::size_t length, std::size_t batch) {
    return toy::Sequences(toy::Task::copy, {.vocabulary = vocabulary, .length = length, .batch = batch},
                          Seed{1});
  };
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max(), half = std::size_t{1} << 33;
  CHECK_THROWS_WITH(make(2, 3, 0), "toy sequences: batch: expected at least 1, got 0");
  CHECK_THROWS_WITH(make(2, half, half), "toy sequences: batch: expected at most 268435455, got 8589934592");
  CHECK_THROWS_WITH(make(1, most, 1),
                    "toy sequences: vocabulary to the power of length: expected at least 2, got 1");
}

TEST_CASE("targets of another length than the ids are refused; a sequence may become its own target",
          "[toy]") {
  const Tokens ids{3, 1, 2, 1};
  for (const auto task : {toy::Task::copy, toy::Task::reverse, toy::Task::sort}) {
    Tokens shorter(3), longer(5), expected(4), own = ids;
    CHECK_THROWS_WITH(toy::solve(task, ids, shorter), "toy: targets: expected 4 tokens, got 3");
    CHECK_THROWS_WITH(toy::solve(task, ids, longer), "toy: targets: expected 4 tokens, got 5");
    toy::solve(task, ids, expected);
    toy::solve(task, own, own);
    CHECK(own == expected);
  }
}

TEST_CASE("what is no sequence of the sizes is neither held out nor not", "[toy]") {
  const toy::HeldOut set(5, 3);
  CHECK_NOTHROW(set.contains(Tokens{0, 4, 2}));
  CHECK_THROWS_WITH(set.contains(Tokens{0, 4}), "toy sequences: sequence: expected 3 tokens, got 2");
  CHECK_THROWS_WITH(set.contains(Tokens{0, 5, 1}),
                    "toy sequences: sequence[1]: expected a token in [0, 5), got 5");
  CHECK_THROWS_WITH(set.contains(Tokens{0, 1, -1}),
                    "toy sequences: sequence[2]: expected a token in [0, 5), got -1");
}

TEST_CASE("sequences do not begin again: passing over more than there are is refused", "[toy]") {
  toy::Sequences sequences(toy::Task::copy, usual, Seed{50}), fresh(toy::Task::copy, usual, Seed{50});
  CHECK_THROWS_WITH(sequences.skip(std::uint64_t{1} << 60),
                    "toy sequences: skip: expected at most 34359738368 batches, got 1152921504606846976");
  CHECK(sequences.next().ids == fresh.next().ids);
  sequences.skip((std::uint64_t{1} << 35) - 1);
  CHECK_THROWS_WITH(sequences.skip(1), "toy sequences: skip: expected at most 0 batches, got 1");
}
