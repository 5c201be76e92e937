#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/base/numbers.hpp>
#include <ctgrad/generate/sequences.hpp>
#include <ctgrad/runtime/random.hpp>

#include <algorithm>
#include <limits>

namespace ctgrad::generate {

struct SampleOptions {
  double temperature = 1;  ///< finite, at least 0; logits are divided by it, and 0 is greedy
  std::int64_t top_k = 0;  ///< only the so many likeliest tokens are drawn; 0 is all
  double top_p = 1;        ///< of these, only the likeliest that together have this probability; in (0, 1]
  std::optional<std::int32_t> end = {};
  std::int64_t length = 0;  ///< see Stop
  std::int64_t stride = 0;  ///< see Stop
  std::uint64_t first = 0;  ///< the number of the first sequence
};

/// Draws ids from logits [vocabulary]. The draw for a token is a pure function of the logits, the seed, the
/// number of the sequence and the token's position in it. Sources: top-k, Fan et al., "Hierarchical neural
/// story generation", 2018; top-p, Holtzman et al., "The curious case of neural text degeneration", 2020.
class Sampler {
 public:
  /// Throws std::invalid_argument naming an option out of range, or vocabulary below 1.
  Sampler(std::int64_t vocabulary, const SampleOptions& options, Seed seed) : options_(options), seed_(seed) {
    require(vocabulary >= 1, "sample: vocabulary", "at least 1", std::to_string(vocabulary));
    require(options.temperature >= 0 && is_finite(options.temperature), "sample: temperature",
            "a finite number of at least 0", text::shortest(options.temperature));
    require(options.top_k >= 0 && options.top_k <= vocabulary, "sample: top_k",
            "one in [0, " + std::to_string(vocabulary) + "]", std::to_string(options.top_k));
    require(options.top_p > 0 && options.top_p <= 1, "sample: top_p", "a number in (0, 1]",
            text::shortest(options.top_p));
    candidates_.resize(static_cast<std::size_t>(vocabulary));
  }

  /// Ids of logits -infinity are never drawn, nor those that the options leave out; of equal logits the first
  /// ids are the likeliest. Throws std::invalid_argument, naming the sequence, for another number of logits
  /// and for logits that are NaN, infinite or all -infinity. Allocates nothing.
  template <class Scalar>
  std::int32_t operator()(std::span<const Scalar> logits, std::uint64_t sequence, std::uint64_t position) {
    if (logits.size() != candidates_.size())
      require(false, "sample: logits of sequence " + std::to_string(sequence),
              std::to_string(candidates_.size()) + " numbers", std::to_string(logits.size()));
    require_logits("sample", logits, sequence);
    const std::int32_t best = likeliest(logits);
    if (options_.temperature == 0) return best;
    for (std::size_t id = 0; id < candidates_.size(); ++id)
      candidates_[id] = {static_cast<double>(logits[id]), static_cast<std::int32_t>(id)};
    std::size_t count = keep_top_k();
    const auto largest = static_cast<double>(logits[static_cast<std::size_t>(best)]);
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      candidates_[i].weight = std::exp((candidates_[i].weight - largest) / options_.temperature);
      sum += candidates_[i].weight;
    }
    if (options_.top_p < 1) count = keep_top_p(sum);
    return find(sum * uniform(sequence, position), count);
  }

 private:
  struct Candidate {
    double weight = 0;  ///< first its logit
    std::int32_t id = 0;
  };

  /// Brings the likeliest to the front, in order, where an option asks for them.
  std::size_t keep_top_k() {
    const auto likelier = [](const Candidate& a, const Candidate& b) {
      return a.weight > b.weight || (a.weight == b.weight && a.id < b.id);
    };
    const std::size_t count =
        options_.top_k > 0 ? static_cast<std::size_t>(options_.top_k) : candidates_.size();
    if (options_.top_k > 0 || options_.top_p < 1) {
      const auto middle = candidates_.begin() + static_cast<std::ptrdiff_t>(count);
      std::partial_sort(candidates_.begin(), middle, candidates_.end(), likelier);
    }
    return count;
  }

  /// How many of the likeliest have the share top_p of the sum, which becomes theirs.
  std::size_t keep_top_p(double& sum) const {
    const double share = options_.top_p * sum;
    std::size_t count = 0;
    sum = 0;
    while (count == 0 || sum < share) sum += candidates_[count++].weight;
    return count;
  }

  /// In [0, 1). Streams that nothing else draws from; a position takes two words of a sequence's stream.
  double uniform(std::uint64_t sequence, std::uint64_t position) const {
    constexpr std::uint64_t texts = std::uint64_t{0x74657874} << 32;
    Random random(seed_, texts ^ sequence);
    random.skip(2 * position);
    return random.uniform();
  }

  /// The first candidate up to which the weights sum to more than `target`, which is below the sum of all.
  std::int32_t find(double target, std::size_t count) const {
    double sum = 0;
    std::size_t i = 0;
    for (; i + 1 < count; ++i) {
      sum += candidates_[i].weight;
      if (sum > target) break;
    }
    return candidates_[i].id;
  }

  SampleOptions options_;
  Seed seed_;
  std::vector<Candidate> candidates_;
};

/// Goes on from every prompt, one a row of the decoder, with tokens drawn by the probabilities that the model
/// gives them. Returns what follows the prompts, without the end. Row r is sequence number first + r of the
/// seed: a sequence's draws follow from its number alone, whatever the batch and the other prompts, and a
/// sequence that is its own prompt goes on as it did. Throws std::invalid_argument, naming it, for a prompt
/// or an option that does not fit, and for logits that are NaN, infinite or all -infinity.
template <Decoder D>
Sequences sample(D& decoder, const Sequences& prompts, const SampleOptions& options, Seed seed) {
  Sampler sampler(D::vocabulary, options, seed);
  const std::uint64_t last = std::numeric_limits<std::uint64_t>::max() - D::rows;
  require(options.first <= last, "sample: first", "at most " + std::to_string(last),
          std::to_string(options.first));
  return extend("sample", decoder, prompts, Stop{options.end, options.length, options.stride},
                [&](std::size_t row, std::size_t position, auto logits) {
                  return sampler(logits, options.first + row, position);
                });
}

/// Goes on with tokens that are drawn, from one token with which all rows of all sources begin.
template <Decoder D>
Sequences sample(D& decoder, std::int32_t begin, const SampleOptions& options, Seed seed) {
  return sample(decoder, Sequences(decoder.sources() * D::width, {begin}), options, seed);
}

}  // namespace ctgrad::generate
