#pragma once

#include <ctgrad/generate/sequences.hpp>
#include <ctgrad/graph/numbers.hpp>

#include <algorithm>

namespace ctgrad::generate {

struct BeamOptions {
  std::optional<std::int32_t> end = {};
  std::int64_t length = 0;    ///< see Stop
  double length_penalty = 0;  ///< finite, at least 0; see length_penalty
};

/// What beam search found after a prompt.
struct Hypothesis {
  Sequence tokens;             ///< without the end
  double log_probability = 0;  ///< of all tokens and the end
  double score = 0;            ///< log_probability / length_penalty
  bool ended = false;          ///< with the end, not at the length
};
using Hypotheses = std::vector<Hypothesis>;

/// ((5 + tokens) / 6)^power, the end being one of the tokens: 1 for power 0; the larger it is, the less do
/// long sequences lose. Source: Wu et al., "Google's neural machine translation system", 2016, equation 14.
inline double length_penalty(std::size_t tokens, double power) {
  return std::pow((5 + static_cast<double>(tokens)) / 6, power);
}

/// The beams of a search, D::width for each source, one a row of the decoder, and the hypotheses so far.
template <Decoder D>
class BeamState {
  using Scalar = typename D::Scalar;
  static constexpr auto kinds = static_cast<std::size_t>(D::kinds);

 public:
  BeamState(const Sequences& prompts, std::size_t sources, const BeamOptions& options)
      : options_(options),
        lengths_(lengths_after<D>("beam_search", prompts, sources, {options.end, options.length})),
        hypotheses_(prompts.size()),
        beams_(prompts.size(), 1),
        log_probabilities_(D::rows, 0.0),
        origins_(D::rows),
        ids_(D::rows) {
    require(options.length_penalty >= 0 && std::isfinite(options.length_penalty),
            "beam_search: length_penalty", "a finite number of at least 0",
            text::shortest(options.length_penalty));
    const std::size_t longest = lengths_.empty() ? 0 : *std::ranges::max_element(lengths_);
    history_.reserve(longest * D::rows);
    candidates_.reserve(2 * D::width);
    for (Hypotheses& each : hypotheses_) each.reserve(2 * D::width);
  }

  /// Goes on with every beam, whose logits lie in [rows, kinds]. Says whether any goes on; then `ids` are
  /// what it takes, and `origins` the rows that it goes on from.
  bool grow(const Scalar* logits) {
    for (std::size_t row = 0; row < D::rows; ++row) {
      origins_[row] = static_cast<std::int32_t>(row);
      ids_[row] = stay;
    }
    bool any = false;
    for (std::size_t source = 0; source < beams_.size(); ++source) {
      if (beams_[source] == 0) continue;
      rank(source, logits);
      select(source);
      any = any || beams_[source] > 0;
    }
    for (std::size_t row = 0; row < D::rows; ++row) history_.push_back({origins_[row], ids_[row]});
    ++tokens_;
    return any;
  }

  std::span<const std::int32_t> origins() const { return origins_; }
  std::span<const std::int32_t> ids() const { return ids_; }

  /// Of every source, the best score first.
  std::vector<Hypotheses> hypotheses() {
    for (Hypotheses& each : hypotheses_) {
      std::ranges::stable_sort(each, std::ranges::greater{}, &Hypothesis::score);
      if (each.size() > D::width) each.resize(D::width);
    }
    return std::move(hypotheses_);
  }

 private:
  /// One more token for a beam.
  struct Candidate {
    double log_probability;
    std::size_t row;
    std::int32_t id;
  };
  /// What a row took, and from which row of the step before it went on.
  struct Link {
    std::int32_t origin;
    std::int32_t id;
  };

  /// Makes candidates_ the best 2 width continuations of a source's beams, enough for `width` that do not
  /// end.
  void rank(std::size_t source, const Scalar* logits) {
    candidates_.clear();
    for (std::size_t row = source * D::width; row < source * D::width + beams_[source]; ++row) {
      const std::span<const Scalar> own(logits + row * kinds, kinds);
      require_logits("beam_search", own, row);
      const auto largest = static_cast<double>(*std::ranges::max_element(own));
      double sum = 0;
      for (const Scalar logit : own) sum += std::exp(static_cast<double>(logit) - largest);
      const double all = largest + std::log(sum);
      for (std::size_t id = 0; id < kinds; ++id) {
        const double log_probability = log_probabilities_[row] + (static_cast<double>(own[id]) - all);
        if (std::isfinite(log_probability)) insert({log_probability, row, static_cast<std::int32_t>(id)});
      }
    }
  }

  void insert(const Candidate& candidate) {
    if (candidates_.size() == 2 * D::width) {
      if (candidate.log_probability <= candidates_.back().log_probability) return;
      candidates_.pop_back();
    }
    const auto place = std::ranges::upper_bound(candidates_, candidate.log_probability,
                                                std::ranges::greater{}, &Candidate::log_probability);
    candidates_.insert(place, candidate);
  }

  /// Makes hypotheses and beams of the candidates.
  void select(std::size_t source) {
    std::size_t beams = 0;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& candidate = candidates_[i];
      if (candidate.id == options_.end) {
        if (i < D::width) add(source, candidate, true);
      } else if (beams < D::width) {
        const std::size_t row = source * D::width + beams++;
        origins_[row] = static_cast<std::int32_t>(candidate.row);
        ids_[row] = candidate.id;
        log_probabilities_[row] = candidate.log_probability;
      }
    }
    const bool at_length = tokens_ + 1 == lengths_[source];
    if (at_length && hypotheses_[source].size() < D::width) {
      for (std::size_t row = source * D::width; row < source * D::width + beams; ++row) {
        add(source, {log_probabilities_[row], static_cast<std::size_t>(origins_[row]), ids_[row]}, false);
      }
    }
    beams_[source] = at_length || hypotheses_[source].size() >= D::width ? 0 : beams;
    for (std::size_t beam = beams_[source]; beam < D::width; ++beam) {
      const std::size_t row = source * D::width + beam;
      origins_[row] = static_cast<std::int32_t>(row);
      ids_[row] = stay;
    }
  }

  void add(std::size_t source, const Candidate& last, bool ended) {
    Sequence tokens(tokens_);
    std::size_t row = last.row;
    for (std::size_t token = tokens_; token-- > 0;) {
      const Link& link = history_[token * D::rows + row];
      tokens[token] = link.id;
      row = static_cast<std::size_t>(link.origin);
    }
    if (!ended) tokens.push_back(last.id);
    const double score = last.log_probability / length_penalty(tokens_ + 1, options_.length_penalty);
    hypotheses_[source].push_back({std::move(tokens), last.log_probability, score, ended});
  }

  BeamOptions options_;
  std::vector<std::size_t> lengths_;       ///< of every source
  std::vector<Hypotheses> hypotheses_;     ///< of every source
  std::vector<std::size_t> beams_;         ///< of every source, which are its first rows
  std::vector<double> log_probabilities_;  ///< of every row
  std::vector<std::int32_t> origins_, ids_;
  std::vector<Link> history_;  ///< [token, row]
  std::vector<Candidate> candidates_;
  std::size_t tokens_ = 0;
};

}  // namespace ctgrad::generate
