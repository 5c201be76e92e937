#pragma once

#include <ctgrad/ops/registry.hpp>
#include <ctgrad/runtime/random.hpp>

#include <algorithm>
#include <vector>

/// What a random graph grows from: the values that it has, and new leaves.
namespace ctgrad::test {

struct RandomGraphOptions {
  int fewest = 10;  ///< operations drawn, leaves and what they need around them not counted
  int most = 40;
  int most_inputs = 6;      ///< real ones
  Size most_elements = 36;  ///< of a value
};

/// A value of a random graph: real numbers lie in [-bound, bound], integers in [0, bound).
struct Entry {
  Value value;
  double bound = 1;

  constexpr bool absent() const { return value.absent(); }
  constexpr Shape shape() const { return value.shape(); }
};

class Pool {
 public:
  static constexpr int most_axes = 4;
  /// No two alike, none 0.
  static constexpr double different[] = {0.375,  -1.125, 1.625, -0.625, 0.875, 1.375,
                                         -1.875, 0.125,  1.125, -0.375, 0.625, -1.625};
  static constexpr double input_bound = 1.5;

  constexpr Pool(Seed seed, const RandomGraphOptions& options) : options_(options), random_(seed) {}

  // Chance

  constexpr std::int32_t below(Size n) {
    return static_cast<std::int32_t>(random_.below(static_cast<std::uint32_t>(n)));
  }
  constexpr bool one_in(Size n) { return below(n) == 0; }

  /// Rank 0 to 4, extents 1 to 4, rarely 0.
  constexpr Shape shape() {
    Shape result;
    const int rank = std::max(below(6) - 1, 0);
    for (int axis = 0; axis < rank; ++axis) result.push_back(one_in(48) ? 0 : 1 + below(4));
    while (!fits(result)) result.extents[below(result.rank)] = 1;
    return result;
  }
  constexpr bool fits(const Shape& shape) const {
    return shape.rank <= most_axes && shape.size() <= options_.most_elements;
  }
  constexpr bool fits_broadcast(const Shape& a, const Shape& b) const {
    return broadcastable(a, b) && fits(broadcast_shape(a, b));
  }

  // Values that are there

  /// One of a kind for which accept(entry) holds, more often one that nothing takes yet; absent if there is
  /// none.
  template <class Accept>
  constexpr Entry find(Kind kind, const Accept& accept) {
    const auto count = static_cast<std::int32_t>(entries_.size());
    const bool fresh = !one_in(3);
    std::int32_t at = below(count);
    Entry second;
    for (std::int32_t i = 0; i < count; ++i, at = at == 0 ? count - 1 : at - 1) {
      const Entry& entry = entries_[static_cast<std::size_t>(at)];
      if (entry.value.kind() != kind || !accept(entry)) continue;
      if (!fresh || !is_used(entry.value.id)) return entry;
      if (second.absent()) second = entry;
    }
    return second;
  }
  constexpr Entry real() {
    return find(Kind::real, [](const Entry&) { return true; });
  }
  /// Rows of at least one element.
  constexpr Entry rows() {
    return find(Kind::real, [&](const Entry& x) { return x.shape().rank >= 1 && x.shape().last() > 0; });
  }
  /// Of any kind, mostly real.
  template <class Accept>
  constexpr Entry any(const Accept& accept) {
    const Kind kinds[] = {Kind::real, Kind::real, Kind::real, Kind::index, Kind::mask};
    return find(kinds[below(5)], accept);
  }

  // New leaves

  constexpr Entry input(const Type& type, Size limit = 0) {
    const Value value = ops::input(graph_, type);
    graph_.inputs.push_back(value.id);
    limits_.push_back(limit);
    return keep({value, type.kind == Kind::real ? input_bound : static_cast<double>(limit)});
  }
  constexpr Entry real_leaf(const Shape& shape) {
    if (!one_in(4) && real_inputs() < options_.most_inputs) return input({Kind::real, shape});
    if (one_in(4) && shape.size() <= 12) return keep({ops::constant_array(graph_, different, shape), 2});
    const double number = 0.25 * (below(16) - 8) + 0.125;
    return keep({ops::constant(graph_, number, shape), 2});
  }
  /// Integers in [0, limit).
  constexpr Entry ids(const Shape& shape, Size limit) {
    const Entry found = find(Kind::index, [&](const Entry& x) {
      return x.shape() == shape && x.bound <= static_cast<double>(limit);
    });
    if (!found.absent() && !one_in(3)) return found;
    if (shape.rank > 0 && one_in(3)) {
      const int axis = below(shape.rank);
      if (shape[axis] <= limit)
        return keep({ops::iota(graph_, shape, axis), static_cast<double>(std::max<Size>(shape[axis], 1))});
    }
    if (one_in(6))
      return keep({ops::constant(graph_, below(limit), shape, Kind::index), static_cast<double>(limit)});
    return input({Kind::index, shape}, limit);
  }

  // Partners of a value

  /// A shape that broadcasts with the given one.
  constexpr Shape broadcasting_shape(const Shape& shape) {
    Shape result;
    for (int axis = one_in(3) && shape.rank > 0 ? 1 : 0; axis < shape.rank; ++axis)
      result.push_back(one_in(4) ? 1 : shape[axis]);
    return result;
  }
  /// A real value that broadcasts with x.
  constexpr Entry partner(const Entry& x) {
    const Entry found =
        find(Kind::real, [&](const Entry& y) { return fits_broadcast(x.shape(), y.shape()); });
    return one_in(4) ? real_leaf(broadcasting_shape(x.shape())) : found;
  }
  /// A mask that broadcasts with the given shape.
  constexpr Entry mask(const Shape& shape) {
    const Entry found = find(Kind::mask, [&](const Entry& y) { return fits_broadcast(shape, y.shape()); });
    if (!found.absent() && !one_in(4)) return found;
    const Entry x = find(Kind::real, [&](const Entry& y) { return fits_broadcast(shape, y.shape()); });
    if (!x.absent() && !one_in(4)) return keep({less(x.value, ops::beside(x.value, 0.25))});
    const Shape other = broadcasting_shape(shape);
    return one_in(6) ? keep({ops::constant(graph_, below(2), other, Kind::mask)})
                     : input({Kind::mask, other});
  }
  /// Real numbers of at least 0.36 made of x.
  constexpr Entry positive(const Entry& x) {
    const int form = below(4);
    if (form == 0) return {square(x.value) + 0.5, x.bound * x.bound + 0.5};
    if (form == 1) return {sigmoid(x.value) + 0.5, 1.5};
    if (form == 2) return {exp(tanh(x.value)), 2.75};
    return {abs(x.value) + 0.5, x.bound + 0.5};
  }

  /// Takes a value in, unless it is too large or already there.
  constexpr Entry keep(const Entry& entry) {
    bool fresh = fits(entry.shape());
    for (const Entry& other : entries_) fresh = fresh && other.value.id != entry.value.id;
    if (fresh) entries_.push_back(entry);
    return entry;
  }

  /// Marks what the nodes from `first` on take.
  constexpr void mark_used(std::int32_t first) {
    used_.resize(graph_.nodes().size(), 0);
    for (std::int32_t id = first; id < graph_.size(); ++id) {
      const Node& node = graph_[id];
      for (int i = 0; i < node.operand_count; ++i) used_[static_cast<std::size_t>(node.operands[i])] = 1;
    }
  }
  constexpr bool is_used(std::int32_t id) const {
    return id < static_cast<std::int32_t>(used_.size()) && used_[static_cast<std::size_t>(id)] != 0;
  }

  constexpr Graph& graph() { return graph_; }
  constexpr const std::vector<Entry>& entries() const { return entries_; }
  constexpr const std::vector<Size>& limits() const { return limits_; }
  constexpr const RandomGraphOptions& options() const { return options_; }

 private:
  constexpr int real_inputs() const {
    int count = 0;
    for (const std::int32_t id : graph_.inputs) count += graph_[id].type.kind == Kind::real ? 1 : 0;
    return count;
  }

  RandomGraphOptions options_;
  Random random_;
  Graph graph_;
  std::vector<Entry> entries_;
  std::vector<Size> limits_;
  std::vector<char> used_;  ///< of the nodes that were there when it was last brought up to date
};

}  // namespace ctgrad::test
