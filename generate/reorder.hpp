#pragma once

#include <ctgrad/runtime/state.hpp>

#include <cstdint>
#include <string>

/// Moving and duplicating the sequences of a batch, as beam search does after every token.
namespace ctgrad::generate {

/// The copies by which row b of an array becomes what row origins[b] was, for all b at once: origins {1, 0,
/// 1} exchange rows 0 and 1 and make row 2 another row 1. A row that stays is not touched; of rows that
/// change places in a circle, one waits in a spare row. Made once, it allocates nothing.
class Reorder {
 public:
  explicit Reorder(std::size_t rows) : uses_(rows), origins_(rows), free_(rows), copies_(rows + rows / 2) {}

  std::size_t rows() const { return uses_.size(); }

  /// Throws std::invalid_argument for another number of origins and std::out_of_range for one that is no row,
  /// and has then changed nothing.
  void plan(std::span<const std::int32_t> origins) {
    require(origins);
    std::ranges::copy(origins, origins_.begin());
    std::ranges::fill(uses_, 0u);
    count_ = 0;
    for (std::size_t row = 0; row < rows(); ++row) {
      if (origin(row) != row) ++uses_[origin(row)];
    }
    std::size_t free = 0;
    for (std::size_t row = 0; row < rows(); ++row) {
      if (origin(row) != row && uses_[row] == 0) free_[free++] = row;
    }
    while (free > 0) {
      const std::size_t row = free_[--free], from = origin(row);
      add(row, from);
      if (--uses_[from] == 0 && origin(from) != from) free_[free++] = from;
    }
    plan_circles();
  }

  /// Carries the copies out on [rows, any length]; the spare row, which lies elsewhere, is at least as long.
  /// Throws std::invalid_argument for sizes that do not fit, and has then changed nothing.
  template <class T>
  void apply(std::span<T> array, std::span<T> spare) const {
    const std::size_t length = rows() == 0 ? 0 : array.size() / rows();
    if (length * rows() != array.size())
      refuse("array", "a multiple of " + std::to_string(rows()) + " elements", array.size());
    if (spare.size() < length)
      refuse("spare", "at least " + std::to_string(length) + " elements", spare.size());
    const auto at = [&](std::size_t row) {
      return row == rows() ? spare.data() : array.data() + row * length;
    };
    for (std::size_t i = 0; i < count_; ++i) std::copy_n(at(copies_[i].from), length, at(copies_[i].to));
  }

 private:
  struct Copy {
    std::size_t to = 0;
    std::size_t from = 0;
  };

  std::size_t origin(std::size_t row) const { return static_cast<std::size_t>(origins_[row]); }

  /// Row `to` is as it will be: it needs nothing more.
  void add(std::size_t to, std::size_t from) {
    copies_[count_++] = {to, from};
    if (to < rows()) origins_[to] = static_cast<std::int32_t>(to);
  }

  /// What is left when no row is free: every row is wanted by exactly one other.
  void plan_circles() {
    for (std::size_t first = 0; first < rows(); ++first) {
      if (origin(first) == first) continue;
      add(rows(), first);
      std::size_t row = first;
      while (origin(row) != first) {
        const std::size_t from = origin(row);
        add(row, from);
        row = from;
      }
      add(row, rows());
    }
  }

  static void refuse(const std::string& what, const std::string& expected, std::size_t got) {
    throw std::invalid_argument("Reorder: " + what + ": expected " + expected + ", got " +
                                std::to_string(got));
  }

  void require(std::span<const std::int32_t> origins) const {
    if (origins.size() != rows()) refuse("origins", std::to_string(rows()) + " rows", origins.size());
    for (std::size_t row = 0; row < rows(); ++row) {
      if (origins[row] < 0 || static_cast<std::size_t>(origins[row]) >= rows()) {
        throw std::out_of_range("Reorder: origins[" + std::to_string(row) + "]: expected a row in [0, " +
                                std::to_string(rows()) + "), got " + std::to_string(origins[row]));
      }
    }
  }

  std::vector<std::uint32_t> uses_;  ///< by how many other rows a row is still wanted
  std::vector<std::int32_t> origins_;
  std::vector<std::size_t> free_;  ///< rows that change and that no other wants
  std::vector<Copy> copies_;       ///< row `rows()` is the spare one
  std::size_t count_ = 0;
};

}  // namespace ctgrad::generate
