#pragma once

#include <ctgrad/base/numbers.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

/// What a training run leaves to be drawn.
namespace ctgrad::report {

/// A named series of points, in the order in which they are joined.
struct Curve {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;

  explicit Curve(std::string n = "") : name(std::move(n)) {}

  void add(double at, double value) {
    x.push_back(at);
    y.push_back(value);
  }
};

/// Loss and accuracy over the steps of a run:
///
///     report::History history;
///     run_training(..., [&](const LoopReport& r) { ...; history.add(r.step, r.loss, accuracy); ... });
class History {
 public:
  /// The loss after so many steps, and the accuracy (0 to 1) where it is known.
  void add(std::size_t step, double loss, double accuracy = std::nan("")) {
    loss_.add(static_cast<double>(step), loss);
    if (!is_nan(accuracy)) accuracy_.add(static_cast<double>(step), accuracy);
  }

  const Curve& loss() const { return loss_; }
  const Curve& accuracy() const { return accuracy_; }

 private:
  Curve loss_{"loss"};
  Curve accuracy_{"accuracy"};
};

}  // namespace ctgrad::report
