#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

/// Tables as text.
namespace ctgrad::text {

/// Lines of cells, the first ones on the left, the others on the right, as wide as they must be.
class Columns {
 public:
  /// `left`: how many cells of a line are on the left.
  explicit Columns(std::size_t left = 1) : left_(left) {}

  void add(std::vector<std::string> cells) {
    widths_.resize(std::max(widths_.size(), cells.size()), 0);
    for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], cells[i].size());
    lines_.push_back(std::move(cells));
  }
  /// A rule from side to side.
  void add_rule() { lines_.emplace_back(); }

  std::string text() const {
    std::string all;
    for (const std::vector<std::string>& line : lines_) {
      for (std::size_t i = 0; i < line.size(); ++i) {
        const std::string space(widths_[i] - line[i].size(), ' ');
        all += (i == 0 ? "" : "  ") + (i < left_ ? line[i] + space : space + line[i]);
      }
      if (line.empty()) all += std::string(width(), '-');
      all.erase(all.find_last_not_of(' ') + 1);
      all += "\n";
    }
    return all;
  }

 private:
  std::size_t width() const {
    std::size_t sum = 0;
    for (const std::size_t width : widths_) sum += width + (sum > 0 ? 2 : 0);
    return sum;
  }

  std::size_t left_;
  std::vector<std::vector<std::string>> lines_;
  std::vector<std::size_t> widths_;
};

}  // namespace ctgrad::text
