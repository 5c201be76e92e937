#pragma once

#include "csv.hpp"
#include "options.hpp"
#include "text_embedder.hpp"

namespace sentences {

/// Pairs that a classifier is trained on, and others that it is asked about.
struct PairTask {
  Pairs training, held_out;
};

/// A third of the pairs, drawn by the seed, is held out; similar are those of a score from `similar_from` on.
/// Throws std::invalid_argument where there are fewer than 30 pairs, or all of one kind in a part.
PairTask pair_task(const std::vector<ScoredPair>& pairs, const std::string& file, double similar_from,
                   std::uint64_t seed, TextEmbedder& embedder);

/// The cosine that tells most of these pairs right, when those of it and above are called similar.
double best_threshold(const Pairs& pairs);

/// The parts of pairs that are told right: by saying the same of all, by a threshold of the cosine, and by
/// probabilities.
struct PairScores {
  double majority = 0, by_cosine = 0, by_network = 0;
};

/// `always` is what most of the training pairs are.
PairScores score(const Pairs& pairs, std::int32_t always, double threshold,
                 std::span<const double> probabilities);

/// By how much the classifier is to be better than one answer for all, on pairs that it has not seen: 20 in a
/// hundred. On the pairs that it was tried on it is 27 better; four standard deviations of 459 coins are 9.
inline constexpr double margin = 0.2;

/// Trains a classifier of pairs on a CSV file, prints how well it tells those apart that it has not seen, and
/// saves it where that is asked for. Gives the exit code: 0 if it is better by the margin.
int train_pairs(const Options& options, const CompiledModel& compiled, TextEmbedder& embedder);

/// Prints of every two texts how probable it is that they are similar, by a classifier that was saved. Throws
/// std::invalid_argument for an odd number of texts.
void judge_pairs(const Options& options, const Texts& texts, const CompiledModel& compiled,
                 TextEmbedder& embedder);

}  // namespace sentences
