#include "../../examples/support/text_windows.hpp"

#include <support/catch.hpp>

#include <numeric>
#include <set>

using ctgrad::Seed;
using Ids = std::vector<std::int32_t>;
using Stretches = std::vector<Stretch>;

namespace {

/// Characters that are their own positions.
Ids positions(std::size_t length) {
  Ids ids(length);
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

}  // namespace

TEST_CASE("a window is consecutive text, its targets what follows each character", "[windows]") {
  const Ids text = positions(100);
  RandomWindows windows(text, {{0, 40}, {50, 100}}, {.length = 8, .batch = 5}, Seed{1});
  for (int i = 0; i < 50; ++i) {
    const WindowBatch& batch = windows.next();
    for (std::size_t row = 0; row < 5; ++row) {
      for (std::size_t t = 0; t < 8; ++t) {
        CHECK(batch.ids(row, t) == batch.ids(row, 0) + static_cast<std::int32_t>(t));
        CHECK(batch.targets(row, t) == batch.ids(row, t) + 1);
        CHECK(batch.weights(row, t) == 1);
      }
    }
  }
}

TEST_CASE("windows begin wherever they lie in a stretch with what follows, and nowhere else", "[windows]") {
  const Ids text = positions(60);
  const RandomWindows windows(text, {{0, 9}, {10, 14}, {20, 26}, {40, 60}}, {.length = 5, .batch = 1},
                              Seed{2});
  std::set<std::size_t> expected{0, 1, 2, 3, 20}, drawn;
  for (std::size_t begin = 40; begin < 55; ++begin) expected.insert(begin);
  CHECK(windows.count() == expected.size());
  std::map<std::size_t, int> times;
  for (std::uint64_t n = 0; n < 4000; ++n) ++times[windows.begin_of(n)];
  INFO("seed 2; bars are five standard deviations");
  for (const auto& [begin, count] : times) {
    drawn.insert(begin);
    CHECK(std::abs(count - 200) < 70);
  }
  CHECK(drawn == expected);
}

TEST_CASE("window n follows from seed and n, whatever the batch", "[windows]") {
  const Ids text = positions(500);
  RandomWindows singly(text, {{0, 500}}, {.length = 20, .batch = 1}, Seed{3});
  RandomWindows batches(text, {{0, 500}}, {.length = 20, .batch = 4}, Seed{3});
  const RandomWindows others(text, {{0, 500}}, {.length = 20, .batch = 4}, Seed{4});
  int different = 0;
  for (std::uint64_t n = 0; n < 40; n += 4) {
    const WindowBatch& batch = batches.next();
    for (std::uint64_t row = 0; row < 4; ++row) {
      CHECK(batch.ids(row, 0) == singly.next().ids(0, 0));
      CHECK(static_cast<std::size_t>(batch.ids(row, 0)) == singly.begin_of(n + row));
      different += others.begin_of(n + row) != singly.begin_of(n + row) ? 1 : 0;
    }
  }
  CHECK(different > 30);
}

TEST_CASE("stretches that hold no window are refused", "[windows]") {
  const Ids text = positions(20);
  CHECK_THROWS_WITH(RandomWindows(text, {{0, 8}, {10, 18}}, {.length = 8, .batch = 1}, Seed{5}),
                    "RandomWindows: stretches: expected one of more than 8 characters, got none");
}

TEST_CASE("every character of the stretches counts once, with as much before it as promised", "[windows]") {
  for (const std::size_t fresh : {1u, 3u, 8u}) {
    for (const std::size_t batch : {1u, 4u, 64u}) {
      const Ids text = positions(97);
      const Stretches stretches{{0, 13}, {30, 31}, {40, 64}, {90, 97}};
      std::map<std::int32_t, int> times;
      const auto score = [&](const WindowBatch& windows) {
        double sum = 0, weight = 0;
        for (std::size_t row = 0; row < batch; ++row) {
          for (std::size_t t = 0; t < 8; ++t) {
            if (windows.weights(row, t) == 0) continue;
            const std::int32_t target = windows.targets(row, t);
            ++times[target];
            CHECK(windows.ids(row, t) == target - 1);
            CHECK(windows.ids(row, 0) == target - 1 - static_cast<std::int32_t>(t));
            CHECK((windows.ids(row, 0) == 0 || t + 1 >= 8 - fresh + 1));
            sum += target, weight += 1;
          }
        }
        return sum / weight;
      };
      const TextLoss loss = window_loss(text, stretches, {.length = 8, .batch = batch}, fresh, score);
      INFO("fresh " << fresh << ", batch " << batch);
      CHECK(loss.characters == count(stretches) - 1);
      CHECK(times.size() == loss.characters);
      double sum = 0;
      for (const auto& [position, count] : times) {
        CHECK(count == 1);
        sum += position;
      }
      CHECK(std::abs(loss.mean - sum / static_cast<double>(loss.characters)) < 1e-12);
    }
  }
}

TEST_CASE("a text that is no longer than a window is refused", "[windows]") {
  const Ids text = positions(8);
  const auto score = [](const WindowBatch&) { return 0.0; };
  const auto loss = [&](std::size_t length) {
    return window_loss(text, Stretches{{0, 8}}, {.length = length, .batch = 2}, 2, score);
  };
  CHECK_THROWS_WITH(loss(8), "window_loss: text: expected more than 8 characters, got 8");
  CHECK(loss(7).characters == 7);
}
