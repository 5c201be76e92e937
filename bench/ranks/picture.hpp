#pragma once

#include "model.hpp"

#include <ctgrad/report/curve.hpp>

#include <string>
#include <vector>

namespace bench {

/// What the model of a step's cost says of many ranks, to be drawn: how many times the samples of a single
/// one they train in its time, by two kinds of links.
class ModelPicture {
 public:
  /// Of a configuration whose shards take what was measured at a single rank.
  void add(const RankTimes& times, const std::string& what);

  /// Writes it as an SVG file. Throws std::runtime_error where that cannot be done.
  void write(const std::string& file) const;

 private:
  std::vector<ctgrad::report::Curve> curves_;
};

}  // namespace bench
