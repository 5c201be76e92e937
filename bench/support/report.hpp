#pragma once

#include <string>
#include <utility>
#include <vector>

/// Where and how a benchmark was run, and what it found, as lines and as a file.
namespace bench {

/// The processor's name, as the system gives it.
std::string processor();

/// Throws std::runtime_error, saying of which file and why, if a file cannot be written; what is in it stays.
/// No path is no file.
void require_writable(const std::string& path);

/// What a benchmark found, to be written as JSON.
class Report {
 public:
  using Figures = std::vector<std::pair<std::string, double>>;

  /// `benchmark` is its name, `flags` are those that matter of its compilation, `bits` those of its vectors.
  Report(std::string benchmark, std::string flags, int bits)
      : benchmark_(std::move(benchmark)), flags_(std::move(flags)), bits_(bits) {}

  /// One thing that was measured. The names of figures end in their units.
  void add(std::string name, Figures figures) { rows_.emplace_back(std::move(name), std::move(figures)); }

  /// "Intel Xeon, 512-bit vectors, g++ 12.2.0 -O3 -march=native"
  std::string where() const;

  /// Writes an object with the machine, the rows in their order, and whether all bars were met. Throws
  /// std::runtime_error, saying of which file and why, if that fails.
  void write(const std::string& path, bool met) const;

 private:
  std::string benchmark_;
  std::string flags_;
  int bits_;
  std::vector<std::pair<std::string, Figures>> rows_;
};

}  // namespace bench
