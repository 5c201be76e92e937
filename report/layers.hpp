#pragma once

#include <ctgrad/report/svg.hpp>

#include <algorithm>
#include <numeric>

/// Places for the boxes of a graph, layer by layer from above, after Sugiyama, Tagawa and Toda, "Methods for
/// visual understanding of hierarchical system structures", 1981.
namespace ctgrad::report {

/// From one box to a later one.
struct Edge {
  std::size_t from = 0;
  std::size_t to = 0;
};

/// Where everything lies: boxes by their middles, edges by the points that they pass.
struct Placed {
  std::vector<Point> boxes;
  std::vector<std::vector<Point>> edges;
  double width = 0;
  double height = 0;
};

struct Spacing {
  double height = 18;   ///< of a box
  double between = 10;  ///< boxes of a layer
  double lanes = 5;     ///< lines that pass a layer
  double layers = 18;   ///< from the foot of a box to the head of the next
  double margin = 6;
};

/// The numbers closest to `wanted`, by weighted squares, each at least a gap behind the one before: isotonic
/// regression, pooling neighbours that are in each other's way.
inline std::vector<double> spread(const std::vector<double>& wanted, const std::vector<double>& weights,
                                  const std::vector<double>& gaps) {
  struct Pool {
    double sum, weight;
    std::size_t end;
    double mean() const { return sum / weight; }
  };
  std::vector<Pool> pools;
  std::vector<double> offsets(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i > 0) offsets[i] = offsets[i - 1] + gaps[i];
    pools.push_back({weights[i] * (wanted[i] - offsets[i]), weights[i], i + 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back() = {pools.back().sum + last.sum, pools.back().weight + last.weight, last.end};
    }
  }
  std::vector<double> places(wanted.size());
  std::size_t i = 0;
  for (const Pool& pool : pools) {
    for (; i < pool.end; ++i) places[i] = pool.mean() + offsets[i];
  }
  return places;
}

/// A layout in stages: layers by longest paths, one lane for every value that later layers need, order by the
/// means of neighbours, then places near these means. Edges lead from boxes to boxes of higher number.
class LayeredLayout {
 public:
  LayeredLayout(const std::vector<double>& widths, std::vector<Edge> edges, Spacing spacing = {})
      : spacing_(spacing), edges_(std::move(edges)), boxes_(widths.size()) {
    for (const double width : widths) items_.push_back({0, width, 0, unset, {}, {}});
  }

  Placed run() {
    find_layers();
    add_lanes();
    for (int sweep = 0; sweep < 12; ++sweep) order(sweep % 2 == 0);
    pack();
    for (int sweep = 0; sweep < 24; ++sweep) move(sweep % 2 == 0, false);
    for (int sweep = 0; sweep < 24; ++sweep) move(sweep % 2 == 0, true);
    return placed();
  }

 private:
  /// A box, or a lane where a value passes a layer.
  struct Item {
    std::size_t layer;
    double width;
    double x;
    std::size_t source;  ///< of a lane, the box whose value passes
    std::vector<std::size_t> above, below;
  };

  /// As high as may be; then what needs at most one value as low as may be, so that lanes are short.
  void find_layers() {
    std::vector<std::size_t> needs(boxes_, 0), lowest(boxes_, unset);
    std::vector<std::vector<std::size_t>> users(boxes_);
    for (const Edge& e : edges_) {
      users[e.from].push_back(e.to);
      ++needs[e.to];
    }
    for (std::size_t box = 0; box < boxes_; ++box) {
      for (const std::size_t user : users[box])
        items_[user].layer = std::max(items_[user].layer, items_[box].layer + 1);
    }
    for (std::size_t box = boxes_; box-- > 0;) {
      for (const std::size_t user : users[box]) lowest[box] = std::min(lowest[box], items_[user].layer - 1);
      if (needs[box] <= 1 && lowest[box] != unset) items_[box].layer = lowest[box];
    }
  }

  void add_lanes() {
    std::vector<std::size_t> last(boxes_, 0);
    for (const Edge& e : edges_) last[e.from] = std::max(last[e.from], items_[e.to].layer);
    first_lane_.assign(boxes_, unset);
    for (std::size_t box = 0; box < boxes_; ++box) {
      std::size_t above = box;
      for (std::size_t layer = items_[box].layer + 1; layer < last[box]; ++layer) {
        if (above == box) first_lane_[box] = items_.size();
        items_.push_back({layer, 0, 0, box, {}, {}});
        link(above, items_.size() - 1);
        above = items_.size() - 1;
      }
    }
    for (const Edge& e : edges_) link(item_above(e), e.to);
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].layer >= layers_.size()) layers_.resize(items_[i].layer + 1);
      layers_[items_[i].layer].push_back(i);
    }
    for (auto& layer : layers_) number(layer);
  }

  void link(std::size_t above, std::size_t below) {
    items_[above].below.push_back(below);
    items_[below].above.push_back(above);
  }

  /// The lane, or the box itself, from which an edge reaches its end.
  std::size_t item_above(const Edge& e) const {
    const std::size_t lanes = items_[e.to].layer - items_[e.from].layer - 1;
    return lanes == 0 ? e.from : first_lane_[e.from] + lanes - 1;
  }

  void number(const std::vector<std::size_t>& layer) {
    for (std::size_t i = 0; i < layer.size(); ++i) items_[layer[i]].x = static_cast<double>(i);
  }

  double mean(const std::vector<std::size_t>& neighbours, double otherwise) const {
    if (neighbours.empty()) return otherwise;
    double sum = 0;
    for (const std::size_t i : neighbours) sum += items_[i].x;
    return sum / static_cast<double>(neighbours.size());
  }

  /// Sorts every layer by the means of the neighbours in the layer before, as seen from above or below.
  void order(bool downwards) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      auto& layer = layers_[downwards ? i : layers_.size() - 1 - i];
      std::vector<std::pair<double, std::size_t>> keys;
      for (const std::size_t item : layer)
        keys.emplace_back(mean(downwards ? items_[item].above : items_[item].below, items_[item].x), item);
      std::ranges::stable_sort(keys, {}, &std::pair<double, std::size_t>::first);
      for (std::size_t k = 0; k < keys.size(); ++k) layer[k] = keys[k].second;
      number(layer);
    }
  }

  /// From the middle of one item to that of the next.
  double gap(std::size_t left, std::size_t right) const {
    const bool lanes = left >= boxes_ && right >= boxes_;
    return (items_[left].width + items_[right].width) / 2 + (lanes ? spacing_.lanes : spacing_.between);
  }

  void pack() {
    for (const auto& layer : layers_) {
      for (std::size_t k = 0; k < layer.size(); ++k)
        items_[layer[k]].x = k == 0 ? 0 : items_[layer[k - 1]].x + gap(layer[k - 1], layer[k]);
    }
  }

  /// Where the lanes of every box lie on average.
  std::vector<double> lane_means() const {
    std::vector<double> sums(boxes_, 0), counts(boxes_, 0);
    for (std::size_t i = boxes_; i < items_.size(); ++i) {
      sums[items_[i].source] += items_[i].x;
      ++counts[items_[i].source];
    }
    for (std::size_t box = 0; box < boxes_; ++box) sums[box] /= std::max(counts[box], 1.0);
    return sums;
  }

  /// Brings every item near the mean of its neighbours, lanes above all, or the lanes of a value below each
  /// other. The order stays.
  void move(bool downwards, bool straighten) {
    const std::vector<double> means = lane_means();
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto& layer = layers_[downwards ? i : layers_.size() - 1 - i];
      std::vector<double> wanted, weights, gaps;
      for (std::size_t k = 0; k < layer.size(); ++k) {
        const Item& item = items_[layer[k]];
        const bool lane = item.source != unset;
        const double above = mean(item.above, item.x), below = mean(item.below, item.x);
        const double near = downwards ? (2 * above + below) / 3 : (above + 2 * below) / 3;
        wanted.push_back(lane && straighten ? means[item.source] : near);
        weights.push_back(lane ? 4 : 1);
        gaps.push_back(k == 0 ? 0 : gap(layer[k - 1], layer[k]));
      }
      const std::vector<double> places = spread(wanted, weights, gaps);
      for (std::size_t k = 0; k < layer.size(); ++k) items_[layer[k]].x = places[k];
    }
  }

  Placed placed() const {
    double least = 0, most = 0;
    for (const Item& item : items_) {
      least = std::min(least, item.x - item.width / 2);
      most = std::max(most, item.x + item.width / 2);
    }
    const double pitch = spacing_.height + spacing_.layers;
    const auto middle = [&](std::size_t i) {
      return Point{items_[i].x - least + spacing_.margin,
                   spacing_.margin + spacing_.height / 2 + pitch * static_cast<double>(items_[i].layer)};
    };
    Placed result;
    for (std::size_t box = 0; box < boxes_; ++box) result.boxes.push_back(middle(box));
    for (const Edge& e : edges_) {
      std::vector<Point> points{middle(e.from)};
      for (std::size_t lane = first_lane_[e.from]; item_above(e) != e.from && lane <= item_above(e); ++lane)
        points.push_back(middle(lane));
      points.push_back(middle(e.to));
      result.edges.push_back(std::move(points));
    }
    result.width = most - least + 2 * spacing_.margin;
    result.height = pitch * static_cast<double>(layers_.size()) - spacing_.layers + 2 * spacing_.margin;
    return result;
  }

  static constexpr auto unset = static_cast<std::size_t>(-1);

  Spacing spacing_;
  std::vector<Edge> edges_;
  std::size_t boxes_;
  std::vector<Item> items_;  ///< boxes, then lanes
  std::vector<std::size_t> first_lane_;
  std::vector<std::vector<std::size_t>> layers_;
};

}  // namespace ctgrad::report
