#pragma once

#include "run_files.hpp"

#include <limits>

namespace toy_encoder {

/// What 03_train_encoder is told on its command line.
struct Options {
  std::string task = "reverse";
  std::size_t steps = 2000;
  std::size_t report_every = 100;
  std::uint64_t seed = 1;
  double learning_rate = 4e-3;
  double within = std::numeric_limits<double>::infinity();  ///< seconds
  bool allow_unlearned = false;
  RunFileOptions files;

  void add_to(CommandLine& line);

  /// The files of the run, which ranks ask for together. Throws as RunFiles does, and std::invalid_argument,
  /// naming the option, for what is out of range.
  RunFiles run_files(const ctgrad::Ranks& ranks) const;
};

}  // namespace toy_encoder
