#pragma once

#include "../command_line.hpp"
#include "embedder.hpp"

#include <string>
#include <vector>

namespace sentences {

/// What the command line asks for. An empty path is none.
struct Options {
  std::string model{};               ///< a folder
  std::vector<std::string> texts{};  ///< of the command line itself
  std::string file{};                ///< of texts
  std::size_t neighbours = 0;        ///< of every text; 0: similarities are asked for
  std::string npy{};
  bool json = false;
  bool summary = false;

  std::string index{}, folder{}, query{};
  std::size_t best = 5;

  std::string pairs{};  ///< to train on
  std::string save{}, load{};
  double similar_from = 3;
  PairTraining training{};

  void add_to(CommandLine& line);

  /// Throws std::invalid_argument, naming options, where two ask for different things, or one lacks another.
  void check() const;

  bool has_texts() const { return !texts.empty() || !file.empty(); }
};

}  // namespace sentences
