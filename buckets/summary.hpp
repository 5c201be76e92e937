#pragma once

#include <ctgrad/buckets/bucketed_program.hpp>
#include <ctgrad/inspect/columns.hpp>
#include <ctgrad/inspect/summary_table.hpp>

#include <ostream>
#include <string>
#include <vector>

/// What the buckets of a program need and what padding has cost: `std::cout << cg::summary(embedder)`.
namespace ctgrad {

/// One bucket, or all of them.
struct BucketRow {
  Size length = 0;       ///< tokens of a sequence, at most
  Size batch = 0;        ///< sequences of a run, at most
  Size arena_bytes = 0;  ///< that it needs of the arena
  Size flops = 0;        ///< of a run
  std::size_t runs = 0;  ///< since the program was made
  std::size_t sequences = 0;
  std::size_t tokens = 0;    ///< that these had
  std::size_t computed = 0;  ///< tokens that the runs computed

  /// The share of padding in what was computed, from 0 to 1: tokens behind the ends of sequences, and rows
  /// without one.
  double padding() const {
    return computed == 0 ? 0 : static_cast<double>(computed - tokens) / static_cast<double>(computed);
  }
};

struct BucketSummary {
  std::vector<BucketRow> rows;  ///< by length, then by batch
  BucketRow all;                ///< sums; the arena is the largest, which all share
};

/// A program's buckets. Not to be asked for while another thread runs the program.
template <class S, class LengthList, class BatchList, auto Function, class... Arguments>
BucketSummary summary(const BasicBucketedProgram<S, LengthList, BatchList, Function, Arguments...>& program) {
  BucketSummary summary;
  for (std::size_t length = 0; length < LengthList::count; ++length) {
    for (std::size_t batch = 0; batch < BatchList::count; ++batch) {
      const buckets::Facts& facts = program.facts(length, batch);
      const buckets::Use& use = program.use(length, batch);
      const auto room = static_cast<std::size_t>(facts.sequences * facts.tokens) * program.token_arguments();
      summary.rows.push_back({facts.tokens, facts.sequences, facts.arena_bytes, facts.flops, use.runs,
                              use.sequences, use.tokens, use.runs * room});
      const BucketRow& row = summary.rows.back();
      BucketRow& all = summary.all;
      all.arena_bytes = std::max(all.arena_bytes, row.arena_bytes);
      all.flops += row.flops * static_cast<Size>(row.runs);
      all.runs += row.runs;
      all.sequences += row.sequences;
      all.tokens += row.tokens;
      all.computed += row.computed;
    }
  }
  return summary;
}

/// A line for each bucket and one for all; flops are those of one run, and in the last line of all runs.
inline std::string to_string(const BucketSummary& summary) {
  text::Columns table(0);
  const auto line = [&](const BucketRow& row, bool is_sum) {
    const auto padding = static_cast<Size>(row.computed - row.tokens);
    table.add({is_sum ? "all" : text::with_commas(row.length), is_sum ? "" : text::with_commas(row.batch),
               text::memory(row.arena_bytes), text::with_commas(row.flops), text::with_commas(row.runs),
               text::with_commas(row.sequences), text::with_commas(row.tokens),
               row.runs == 0 ? "-" : summarizing::share(padding, static_cast<Size>(row.computed))});
  };
  table.add({"length", "batch", "arena", "flops", "runs", "sequences", "tokens", "padding"});
  table.add_rule();
  for (const BucketRow& row : summary.rows) line(row, false);
  table.add_rule();
  line(summary.all, true);
  return table.text();
}

inline std::ostream& operator<<(std::ostream& out, const BucketSummary& summary) {
  return out << to_string(summary);
}

}  // namespace ctgrad
