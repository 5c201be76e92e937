#pragma once

#include <cstddef>

/// The mean of the losses since the last report.
class MeanLoss {
 public:
  /// Counts a loss in, and gives it back as what run_training is given of a step.
  double add(float loss) {
    sum_ += static_cast<double>(loss);
    ++count_;
    return static_cast<double>(loss);
  }

  /// The mean so far; begins again.
  double take() {
    const double mean = sum_ / static_cast<double>(count_);
    sum_ = 0;
    count_ = 0;
    return mean;
  }

 private:
  double sum_ = 0;
  std::size_t count_ = 0;
};
