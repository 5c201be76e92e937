#pragma once

#include "embeddings.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sentences {

/// A text's ids, those of its beginning and its end included.
using Tokens = std::vector<std::int32_t>;

/// The sizes of a BERT that a program is compiled for, by the names that its config.json has for them.
struct ModelSizes {
  std::size_t vocab_size, max_position_embeddings, type_vocab_size;
  std::size_t hidden_size, num_attention_heads, intermediate_size, num_hidden_layers;
  double layer_norm_eps;
};

/// A model's weights and the program that makes vectors with them, whatever its sizes.
class Embedder {
 public:
  Embedder() = default;
  Embedder(const Embedder&) = delete;
  Embedder& operator=(const Embedder&) = delete;
  virtual ~Embedder() = default;

  /// A vector for each text, in their order. Throws std::invalid_argument for a text without tokens or of
  /// more than the program's longest, and std::out_of_range for what is no id.
  virtual Embeddings embed(std::span<const Tokens> texts) = 0;

  /// What was computed so far, bucket by bucket: see ctgrad::summary.
  virtual std::string summary() const = 0;
};

/// How the classifier of pairs is trained: see PairClassifier.
struct PairTraining {
  std::uint64_t seed = 1;
  std::size_t steps = 600;
};

/// Pairs of texts by the vectors of both, [pairs, width] each, and what people say of them.
struct Pairs {
  Embeddings first, second;
  std::vector<std::int32_t> similar;  ///< 1 or 0

  std::size_t size() const { return similar.size(); }
};

/// Says whether two texts are similar, by their vectors: a small network, while the model that made these
/// stays as it is.
class PairClassifier {
 public:
  PairClassifier() = default;
  PairClassifier(const PairClassifier&) = delete;
  PairClassifier& operator=(const PairClassifier&) = delete;
  virtual ~PairClassifier() = default;

  /// Trains it anew. The same seed gives the same bits.
  virtual void train(const Pairs& pairs, const PairTraining& training) = 0;

  /// The probability that each pair is similar; what `pairs.similar` says is not looked at.
  virtual std::vector<double> probabilities(const Pairs& pairs) = 0;

  /// Writes the parameters as safetensors, and reads them: throws as save_parameters and load_parameters do.
  virtual void save(const std::filesystem::path& path) const = 0;
  virtual void load(const std::filesystem::path& path) = 0;
};

/// A classifier of pairs of vectors of this width, with parameters that are drawn. It is defined in
/// pair_network.hpp, and compiled where a source file says `template std::unique_ptr<PairClassifier>
/// make_pair_classifier<384>();`.
template <std::size_t Width>
std::unique_ptr<PairClassifier> make_pair_classifier();

/// What is compiled for a model of certain sizes, behind functions that are the same for all.
struct CompiledModel {
  ModelSizes sizes;
  std::size_t width;        ///< of a vector
  std::size_t most_tokens;  ///< of a text, those of its beginning and its end included
  /// Maps a model's file of weights into memory.
  std::unique_ptr<Embedder> (*open)(const std::filesystem::path& weights);
  std::unique_ptr<PairClassifier> (*make_classifier)();
};

}  // namespace sentences
