#pragma once

#include "check.hpp"
#include "draw.hpp"

namespace ctgrad::test {

/// One random graph at a random point. Every check returns what is wrong, or nothing.
class GraphCheck {
 public:
  GraphCheck(std::uint64_t seed, GraphTotals& totals)
      : drawn_(random_graph(Seed{seed})), totals_(totals), random_(Seed{seed}, 1) {
    x_ = draw_inputs(random_, drawn_);
    v_ = draw_like_inputs();
    w_ = draw_like_inputs();
    for (const std::int32_t id : graph().outputs) u_.push_back(draw_direction(random_, graph()[id]));
    gradient_ = passes::eliminate_dead(autodiff::gradient_graph(graph()));
  }

  const Graph& graph() const { return drawn_.graph; }

  std::string run() {
    count_operations();
    std::string wrong = check_first();
    if (wrong.empty()) wrong = check_second();
    return wrong;
  }

 private:
  static constexpr double adjoint_bar = 1e-12;
  static constexpr double tangent_bar = 1e-8;
  static constexpr double second_bar = 1e-6;
  static constexpr double symmetry_bar = 1e-10;
  static constexpr double optimised_bar = 1e-10;

  std::string check_first() {
    const Graph forward = autodiff::jvp_graph(graph(), graph().inputs.size());
    const std::vector<Numbers> values = interpret(graph(), x_);
    const std::vector<Numbers> both = checked_passes(forward, joined(x_, v_));
    const std::vector<Numbers> tangents(both.begin() + static_cast<std::ptrdiff_t>(values.size()),
                                        both.end());
    const std::vector<Numbers> pulled = checked_passes(gradient_, joined(x_, u_));
    for (std::size_t i = 0; i < values.size(); ++i)
      require_equal_bits(values[i], both[i], "a value and the value that comes with its tangent");
    TwoNumbers adjoint;
    for (std::size_t i = 0; i < u_.size(); ++i) adjoint.add_left(u_[i], tangents[i]);
    for (std::size_t i = 0; i < v_.size(); ++i) adjoint.add_right(pulled[i], v_[i]);
    require(totals_.adjoint, adjoint, adjoint_bar, "<u, J v> and <J^T u, v>");
    check_differences(graph(), x_, tangents, totals_.tangent, tangent_bar, "tangents, in the worst entry,");
    return wrong_;
  }

  std::string check_second() {
    const Graph hessian = autodiff::jvp_graph(gradient_, graph().inputs.size());
    const std::vector<Numbers> point = joined(x_, u_);
    const std::vector<Numbers> along_v = last(checked_passes(hessian, joined(point, v_)), v_.size());
    const std::vector<Numbers> along_w = last(interpret(hessian, joined(point, w_)), w_.size());
    TwoNumbers symmetry;
    for (std::size_t i = 0; i < v_.size(); ++i) {
      symmetry.add_left(w_[i], along_v[i]);
      symmetry.add_right(v_[i], along_w[i]);
    }
    require(totals_.symmetry, symmetry, symmetry_bar, "<w, H v> and <v, H w>");
    check_differences(gradient_, point, along_v, totals_.second, second_bar,
                      "Hessians times a vector, in the worst entry,");
    return wrong_;
  }

  /// Values, which removing dead nodes and adding all again must not change by a bit.
  std::vector<Numbers> checked_passes(const Graph& all, const std::vector<Numbers>& inputs) {
    std::vector<Numbers> values = interpret(all, inputs);
    const std::vector<Numbers> live = interpret(passes::eliminate_dead(all), inputs);
    const std::vector<Numbers> again = interpret(added_again(all), inputs);
    for (std::size_t i = 0; i < values.size(); ++i) {
      require_equal_bits(values[i], live[i], "a value with and without dead nodes");
      require_equal_bits(values[i], again[i], "a value of a graph and of the same graph built again");
    }
    require_close(values, interpret(passes::optimize(all), inputs));
    return values;
  }

  /// What the passes make of a graph against the graph.
  void require_close(const std::vector<Numbers>& plain, const std::vector<Numbers>& optimised) {
    for (std::size_t i = 0; i < plain.size(); ++i) {
      double magnitude = 1;
      for (const double number : plain[i])
        magnitude = std::isfinite(number) ? std::max(magnitude, std::abs(number)) : magnitude;
      for (std::size_t j = 0; j < plain[i].size(); ++j) {
        const double a = plain[i].data()[j];
        const double b = optimised[i].data()[j];
        const bool same = a == b || (std::isnan(a) && std::isnan(b));
        if (!(totals_.optimised.count(same ? 0 : std::abs(a - b) / magnitude) <= optimised_bar))
          fail("a value before and after the passes", "before", a, "after", b);
      }
    }
  }

  /// Differences of sixth order along v against `tangents`. Shorter distances follow where the function bends
  /// or a kink is near; the best counts, since a wrong derivative disagrees with all.
  void check_differences(const Graph& function, const std::vector<Numbers>& at,
                         const std::vector<Numbers>& tangents, Tally& tally, double bar, const char* what) {
    const FrozenStops frozen(function, at);
    const Graph decided = passes::eliminate_dead(with_decisions(frozen.graph));
    const std::vector<Numbers> center = interpret(decided, frozen.point);
    WorstSlope best;
    bool smooth = false;
    for (const double part : {1.0, 1.0 / 4, 1.0 / 16, 1.0 / 64}) {
      const double h = part * std::pow(std::numeric_limits<double>::epsilon(), 1.0 / 7);
      std::vector<Numbers> slopes;
      double magnitude = 1;
      if (!difference(decided, center, frozen.point, h, tangents.size(), slopes, magnitude)) continue;
      const double rounding = 16 * std::numeric_limits<double>::epsilon() * magnitude / h;
      const WorstSlope worst = worst_slope(slopes, tangents, rounding, bar);
      if (!smooth || worst.error < best.error) best = worst;
      smooth = true;
      if (best.error <= bar / 16) break;
    }
    if (!smooth) {
      ++totals_.skipped;
    } else if (!(tally.count(best.error) <= bar)) {
      fail(what, "by rule", best.tangent, "by differences", best.slope);
    }
  }

  /// The slopes of the first `count` outputs; false where a decision changes within the distance.
  bool difference(const Graph& decided, const std::vector<Numbers>& center, const std::vector<Numbers>& point,
                  double h, std::size_t count, std::vector<Numbers>& slopes, double& magnitude) const {
    constexpr std::pair<int, double> stencil[] = {{3, 1}, {2, -9}, {1, 45}, {-1, -45}, {-2, 9}, {-3, -1}};
    for (std::size_t i = 0; i < count; ++i) slopes.emplace_back(0.0 * center[i]);
    for (const auto& [offset, weight] : stencil) {
      const std::vector<Numbers> values = interpret(decided, moved(point, offset * h));
      for (std::size_t i = count; i < values.size(); ++i) {
        if (!equal_bits(values[i], center[i])) return false;
      }
      for (std::size_t i = 0; i < count; ++i) {
        slopes[i] += weight / (60 * h) * values[i];
        for (const double number : values[i]) magnitude = std::max(magnitude, std::abs(number));
      }
    }
    return true;
  }

  /// The point moved along v, in the real inputs of the graph itself.
  std::vector<Numbers> moved(std::vector<Numbers> point, double distance) const {
    std::size_t next = 0;
    for (std::size_t i = 0; i < graph().inputs.size(); ++i) {
      if (graph()[graph().inputs[i]].type.kind == Kind::real) point[i] += distance * v_[next++];
    }
    return point;
  }

  std::vector<Numbers> draw_like_inputs() {
    std::vector<Numbers> result;
    for (const std::int32_t id : graph().inputs) {
      if (graph()[id].type.kind == Kind::real) result.push_back(draw_direction(random_, graph()[id]));
    }
    return result;
  }

  static std::vector<Numbers> joined(std::vector<Numbers> first, const std::vector<Numbers>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }
  static std::vector<Numbers> last(const std::vector<Numbers>& all, std::size_t count) {
    return {all.end() - static_cast<std::ptrdiff_t>(count), all.end()};
  }

  void require(Tally& tally, const TwoNumbers& numbers, double bar, const char* what) {
    if (!(tally.count(numbers.error()) <= bar)) fail(what, "left", numbers.left, "right", numbers.right);
  }
  void require_equal_bits(const Numbers& a, const Numbers& b, const char* what) {
    ++totals_.exact;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!equal_bits(a, b)) fail(what, "one", a.data()[i], "other", b.data()[i]);
    }
  }
  void fail(const std::string& what, const char* left, double a, const char* right, double b) {
    char numbers[128];
    std::snprintf(numbers, sizeof numbers, " differ: %s %.17g, %s %.17g\n", left, a, right, b);
    wrong_ += what + numbers;
  }

  void count_operations() {
    std::map<std::string_view, int> seen;
    const Graph live = passes::eliminate_dead(graph());
    for (const Node& node : live.nodes()) seen[node.operation->name] = 1;
    for (const auto& [name, one] : seen) totals_.graphs_with[name] += one;
  }

  RandomGraph drawn_;
  GraphTotals& totals_;
  Random random_;
  Graph gradient_;
  std::vector<Numbers> x_;
  std::vector<Numbers> u_;
  std::vector<Numbers> v_;
  std::vector<Numbers> w_;
  std::string wrong_;
};

}  // namespace ctgrad::test
