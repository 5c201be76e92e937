#pragma once

#include <ctgrad/base/shape.hpp>
#include <ctgrad/inspect/columns.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

/// A model at a glance, as data and as text: what it is made of and what a run of it costs.
namespace ctgrad {

/// A parameter, or a layer with all that is in it.
struct SummaryRow {
  std::string name;       ///< below the layer that it is in: "query", "weight"
  std::string path;       ///< in full: "encoder.layers.0.attention.query.weight"
  std::size_t depth = 0;  ///< of how many layers' rows it is a part
  bool is_layer = false;
  Shape shape;            ///< a parameter's
  std::size_t count = 0;  ///< of numbers
  std::size_t bytes = 0;  ///< that these take
  Size flops = 0;         ///< a run's, of the operations that read the parameter, or any of the layer's
};

/// All operations of one kind in a run.
struct SummaryOperation {
  std::string name;
  Size nodes = 0;
  Size flops = 0;
};

/// What a run costs.
struct SummaryRun {
  Size flops = 0;
  Size other_flops = 0;   ///< those among them that read no parameter: attention, activations, losses
  Size kernel_calls = 0;  ///< of one run
  Size arena_bytes = 0;
  std::vector<SummaryOperation> operations;  ///< the dearest first
};

struct Summary {
  std::vector<SummaryRow> rows;  ///< in the model's order, a layer before what is in it
  std::size_t count = 0;         ///< of all parameters' numbers
  std::size_t bytes = 0;
  std::optional<SummaryRun> run;  ///< if there is a function to run
};

namespace text {

/// "1,234,567"
inline std::string with_commas(Size number) {
  const std::string digits = to_string(number);
  const std::size_t begin = number < 0 ? 1 : 0;
  std::string grouped = digits.substr(0, begin);
  for (std::size_t i = begin; i < digits.size(); ++i) {
    if (i > begin && (digits.size() - i) % 3 == 0) grouped += ',';
    grouped += digits[i];
  }
  return grouped;
}
inline std::string with_commas(std::size_t number) { return with_commas(static_cast<Size>(number)); }

/// "18.5 KiB", "640 bytes"
inline std::string memory(Size bytes) {
  if (bytes < 1024) return to_string(bytes) + " bytes";
  Size unit = 1024;
  std::size_t prefix = 0;
  for (; bytes / unit >= 1024 && prefix < 3; unit *= 1024) ++prefix;
  const Size tenths = (10 * (bytes / unit)) + (10 * (bytes % unit) + unit / 2) / unit;
  return to_string(tenths / 10) + "." + to_string(tenths % 10) + " " + "KMGT"[prefix] + "iB";
}

/// "14,628,864 floating-point operations in 21 kernel calls, 315.0 KiB of arena"
inline std::string run(const SummaryRun& run) {
  return with_commas(run.flops) + " floating-point operations in " + with_commas(run.kernel_calls) +
         (run.kernel_calls == 1 ? " kernel call, " : " kernel calls, ") + memory(run.arena_bytes) +
         " of arena";
}

}  // namespace text

namespace summarizing {

/// "12.5 %"
inline std::string share(Size part, Size whole) {
  const Size tenths = whole == 0 ? 0 : (2000 * part + whole) / (2 * whole);
  return to_string(tenths / 10) + "." + to_string(tenths % 10) + " %";
}

}  // namespace summarizing

/// One line a parameter, below the layers that it is in, and the sums; then, of a run, the operations and
/// their sums.
inline std::string to_string(const Summary& summary) {
  const bool runs = summary.run.has_value();
  text::Columns table;
  const auto line = [&](std::string name, std::string shape, std::size_t count, std::size_t bytes,
                        Size flops) {
    std::vector<std::string> cells{std::move(name), std::move(shape), text::with_commas(count),
                                   text::with_commas(bytes)};
    if (runs) cells.push_back(text::with_commas(flops));
    table.add(std::move(cells));
  };
  std::vector<std::string> head{"layer", "shape", "parameters", "bytes"};
  if (runs) head.emplace_back("flops");
  table.add(std::move(head));
  table.add_rule();
  for (const SummaryRow& row : summary.rows) {
    line(std::string(2 * row.depth, ' ') + row.name, row.is_layer ? "" : to_string(row.shape), row.count,
         row.bytes, row.flops);
  }
  if (runs) table.add({"without parameters", "", "", "", text::with_commas(summary.run->other_flops)});
  table.add_rule();
  line("total", "", summary.count, summary.bytes, runs ? summary.run->flops : 0);
  if (!runs) return table.text();
  text::Columns kinds;
  kinds.add({"operation", "nodes", "flops", "share"});
  kinds.add_rule();
  for (const SummaryOperation& kind : summary.run->operations)
    kinds.add({kind.name, text::with_commas(kind.nodes), text::with_commas(kind.flops),
               summarizing::share(kind.flops, summary.run->flops)});
  return table.text() + "\n" + kinds.text() + "\na run: " + text::run(*summary.run) + "\n";
}

inline std::ostream& operator<<(std::ostream& out, const Summary& summary) {
  return out << to_string(summary);
}

}  // namespace ctgrad
