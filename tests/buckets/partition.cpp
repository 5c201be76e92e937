#include <ctgrad/buckets/partition.hpp>
#include <ctgrad/runtime/random.hpp>

#include <support/catch.hpp>

#include <functional>
#include <numeric>

/// How sequences are divided among runs.
namespace {

using namespace ctgrad;
using buckets::Partition;

constexpr std::size_t lengths = 3, batches = 2;
using Parts = Partition<lengths, batches>;
using RunCosts = Parts::Costs;
constexpr std::array<std::size_t, batches> rows{1, 4};

double cost_of(const Parts& parts, const RunCosts& costs) {
  double sum = 0;
  for (const buckets::Run& run : parts.runs()) sum += costs[run.length][run.batch];
  return sum;
}

/// The least that any sets of runs cost which have room for the sequences: all numbers of runs are tried.
double least_cost(const std::vector<std::size_t>& of, const RunCosts& costs) {
  std::array<std::size_t, lengths> wanted{};  // sequences of each length
  for (const std::size_t length : of) ++wanted[length];
  double best = std::numeric_limits<double>::infinity();
  const std::function<void(std::size_t, std::size_t, double)> at = [&](std::size_t length, std::size_t room,
                                                                       double cost) {
    // `room` rows of longer runs are free for sequences of this length.
    if (cost >= best) return;
    const std::size_t left = wanted[length] - std::min(wanted[length], room);
    for (std::size_t small = 0; small <= left; ++small) {
      const std::size_t large = (left - small + rows[1] - 1) / rows[1];
      const std::size_t free = room + small + large * rows[1] - wanted[length];
      const double sum = cost + static_cast<double>(small) * costs[length][0] +
                         static_cast<double>(large) * costs[length][1];
      if (length == 0) {
        best = std::min(best, sum);
      } else {
        at(length - 1, free, sum);
      }
    }
  };
  at(lengths - 1, 0, 0);
  return best;
}

}  // namespace

TEST_CASE("every sequence is in one run, whose bucket it fits into", "[buckets]") {
  Random random(Seed{test::seed()});
  Parts parts;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::size_t> of(random.below(12));
    for (auto& length : of) length = random.below(lengths);
    RunCosts costs{};
    for (auto& length : costs) {
      for (double& cost : length) cost = 1 + random.below(20);
    }
    parts.find(of, rows, costs);
    std::vector<int> seen(of.size(), 0);
    for (const buckets::Run& run : parts.runs()) {
      REQUIRE(run.count >= 1);
      REQUIRE(run.count <= rows[run.batch]);
      for (const std::size_t sequence : parts.sequences(run)) {
        REQUIRE(of[sequence] <= run.length);
        ++seen[sequence];
      }
    }
    REQUIRE(std::ranges::all_of(seen, [](int times) { return times == 1; }));
  }
}

TEST_CASE("no other runs cost less", "[buckets]") {
  Random random(Seed{test::seed()}, 1);
  Parts parts;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::size_t> of(1 + random.below(9));
    for (auto& length : of) length = random.below(lengths);
    // Longer and larger buckets cost more, as they do where costs are counted.
    RunCosts costs{};
    for (std::size_t length = 0; length < lengths; ++length) {
      costs[length][0] = (length > 0 ? costs[length - 1][0] : 0) + 1 + random.below(10);
      costs[length][1] =
          std::max(costs[length][0], length > 0 ? costs[length - 1][1] : 0) + 1 + random.below(20);
    }
    parts.find(of, rows, costs);
    REQUIRE(cost_of(parts, costs) == Approx(least_cost(of, costs)));
  }
}

TEST_CASE("sequences of a length keep their order, and rows that are left over hold shorter ones",
          "[buckets]") {
  Parts parts;
  const std::vector<std::size_t> of{0, 2, 0, 2, 0};
  parts.find(of, rows, RunCosts{{{1, 2}, {3, 4}, {5, 6}}});
  REQUIRE(parts.runs().size() == 2);
  const auto first = parts.sequences(parts.runs()[0]), second = parts.sequences(parts.runs()[1]);
  CHECK(std::vector(first.begin(), first.end()) == std::vector<std::size_t>{1, 3, 0, 2});
  CHECK(std::vector(second.begin(), second.end()) == std::vector<std::size_t>{4});
  CHECK(parts.runs()[0].length == 2);
  CHECK(parts.runs()[1].batch == 0);
}
