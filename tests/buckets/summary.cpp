#include <ctgrad/ctgrad.hpp>

#include <buckets/sentences.hpp>
#include <ctgrad/buckets/summary.hpp>

#include <sstream>

/// What a summary says of buckets.
namespace {

using namespace ctgrad;
using namespace ctgrad::test;

struct MeanId {
  constexpr auto operator()(const auto& text) const { return text.mean(as_real(text.ids) * 2); }
};
using Mean = BucketedProgram<Lengths<4, 8>, Batches<1, 4>, MeanId{}, Tokens>;

}  // namespace

TEST_CASE("a summary counts tokens and padding of every bucket", "[buckets][summary]") {
  Mean mean_id;
  CHECK(mean_id(Sentences{{1, 2, 3}}) == 4);
  mean_id.run(Sentences{{1, 2, 3, 4, 5, 6}, {1}, {2, 3}, {4, 5}});
  const BucketSummary found = summary(mean_id);
  REQUIRE(found.rows.size() == 4);
  std::size_t runs = 0, sequences = 0, tokens = 0, computed = 0;
  Size arena = 0;
  for (const BucketRow& row : found.rows) {
    runs += row.runs;
    sequences += row.sequences;
    tokens += row.tokens;
    computed += row.computed;
    arena = std::max(arena, row.arena_bytes);
    CHECK(row.arena_bytes > 0);
    CHECK(row.computed == row.runs * static_cast<std::size_t>(row.length * row.batch));
  }
  CHECK(found.rows[0].length == 4);
  CHECK(found.rows[0].batch == 1);
  CHECK(found.rows[0].runs == 1);
  CHECK(found.rows[0].tokens == 3);
  CHECK(found.rows[0].padding() == 0.25);
  CHECK(found.rows[3].length == 8);
  CHECK(found.rows[3].batch == 4);
  CHECK(sequences == 5);
  CHECK(tokens == 14);
  CHECK(found.all.runs == runs);
  CHECK(found.all.sequences == sequences);
  CHECK(found.all.tokens == tokens);
  CHECK(found.all.computed == computed);
  CHECK(found.all.arena_bytes == arena);
  CHECK(mean_id.arena_bytes() == static_cast<std::size_t>(arena));
}

TEST_CASE("a summary of buckets reads as a table", "[buckets][summary]") {
  BucketSummary found;
  found.rows = {{16, 1, 2048, 1000, 2, 2, 24, 32}, {16, 8, 16384, 8000, 0, 0, 0, 0}};
  found.all = {0, 0, 16384, 2000, 2, 2, 24, 32};
  std::ostringstream text;
  text << found;
  CHECK(text.str() ==
        "length  batch     arena  flops  runs  sequences  tokens  padding\n"
        "----------------------------------------------------------------\n"
        "    16      1   2.0 KiB  1,000     2          2      24   25.0 %\n"
        "    16      8  16.0 KiB  8,000     0          0       0        -\n"
        "----------------------------------------------------------------\n"
        "   all         16.0 KiB  2,000     2          2      24   25.0 %\n");
}
