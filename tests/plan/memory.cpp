#include <ctgrad/plan/memory.hpp>
#include <ctgrad/runtime/random.hpp>

#include <support/catch.hpp>

#include <cstdio>

namespace ctgrad::test {

namespace {

using plan::Buffer;

std::vector<Buffer> random_buffers(Random& random) {
  std::vector<Buffer> buffers(1 + random.below(60));
  const std::uint32_t calls = 1 + random.below(40);
  for (Buffer& buffer : buffers) {
    buffer.bytes = random.below(4) == 0 ? random.below(3) * 64 : random.below(2000);
    const std::uint32_t first = random.below(calls);
    buffer.first = static_cast<std::int32_t>(first);
    buffer.last = static_cast<std::int32_t>(first + random.below(random.below(3) == 0 ? calls - first : 1));
  }
  return buffers;
}

/// Values that a forward half keeps and a backward half drops in the opposite order; some calls have small
/// ones of their own.
std::vector<Buffer> nested_buffers(Random& random) {
  std::vector<Buffer> buffers;
  const auto depth = static_cast<std::int32_t>(1 + random.below(40));
  for (std::int32_t i = 0; i < depth; ++i) {
    const std::int32_t back = 2 * depth - i;
    buffers.push_back({random.below(2000), i, back, 0});
    if (random.below(2) == 0) buffers.push_back({random.below(200), i, i, 0});
    if (random.below(2) == 0) buffers.push_back({random.below(200), back, back, 0});
  }
  buffers.push_back({1000, depth, depth, 0});
  return buffers;
}

bool live_together(const Buffer& a, const Buffer& b) { return a.first <= b.last && b.first <= a.last; }

bool overlap(const Buffer& a, const Buffer& b) {
  return a.bytes > 0 && b.bytes > 0 && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

/// Buffers that live together lie apart, and all lie aligned in [base, end).
void require_placed(const std::vector<Buffer>& buffers, Size base, Size end) {
  for (std::size_t a = 0; a < buffers.size(); ++a) {
    const Buffer& buffer = buffers[a];
    REQUIRE(buffer.offset % plan::alignment == 0);
    REQUIRE(buffer.offset >= base);
    REQUIRE(buffer.offset + buffer.bytes <= end);
    for (std::size_t b = 0; b < a; ++b) {
      if (live_together(buffer, buffers[b])) REQUIRE_FALSE(overlap(buffer, buffers[b]));
    }
  }
}

/// Places buffers as a stack alone. Returns the end.
Size place_as_stack(std::vector<Buffer>& buffers) {
  for (Buffer& buffer : buffers) buffer.bytes = plan::aligned(buffer.bytes);
  return plan::StackPlacement(buffers, plan::live_bytes(buffers)).run(plan::Timeline(buffers));
}

}  // namespace

TEST_CASE("buffers that live together never overlap, lie aligned, and need no less than the bound",
          "[graph]") {
  Random random{Seed{seed()}};
  double worst = 1;
  constexpr int runs = 500;
  for (int i = 0; i < runs; ++i) {
    std::vector<Buffer> buffers = random_buffers(random);
    const Size bound = plan::lower_bound(buffers);
    const Size base = 64 * random.below(3);
    const Size end = plan::place(buffers, base);
    INFO("run " << i);
    CHECK(end - base >= bound);
    if (bound > 0) worst = std::max(worst, static_cast<double>(end - base) / static_cast<double>(bound));
    require_placed(buffers, base, end);
  }
  std::printf("figure: memory placements %d, largest over the bound %.2f\n", runs, worst);
}

TEST_CASE("values that are dropped in the opposite order of their begin need no more than the bound",
          "[graph]") {
  Random random{Seed{seed()}, 1};
  for (int run = 0; run < 500; ++run) {
    INFO("run " << run);
    std::vector<Buffer> buffers = nested_buffers(random);
    const Size bound = plan::lower_bound(buffers);
    std::vector<Buffer> stacked = buffers;
    REQUIRE(place_as_stack(stacked) == bound);
    require_placed(stacked, 0, bound);
    REQUIRE(plan::place(buffers, 0) == bound);
    require_placed(buffers, 0, bound);
  }
}

TEST_CASE("a stack alone keeps any buffers that live together apart", "[graph]") {
  Random random{Seed{seed()}, 2};
  for (int run = 0; run < 500; ++run) {
    INFO("run " << run);
    std::vector<Buffer> buffers = random_buffers(random);
    const Size end = place_as_stack(buffers);
    REQUIRE(end >= plan::lower_bound(buffers));
    require_placed(buffers, 0, end);
  }
}

TEST_CASE("memory is used again as soon as nobody reads it", "[graph]") {
  std::vector<Buffer> chain;
  for (std::int32_t i = 0; i < 20; ++i) chain.push_back({64, i, i + 1, 0});
  CHECK(plan::place(chain, 0) == 128);
  CHECK(plan::lower_bound(chain) == 128);
}

TEST_CASE("no buffers need no memory", "[graph]") {
  std::vector<Buffer> none;
  CHECK(plan::place(none, 192) == 192);
  CHECK(plan::lower_bound(none) == 0);
}

}  // namespace ctgrad::test
