#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/base/numbers.hpp>
#include <ctgrad/generate/sequences.hpp>

#include <algorithm>

namespace ctgrad::generate {

struct BeamOptions {
  std::optional<std::int32_t> end = {};
  std::int64_t length = 0;    ///< see Stop
  double length_penalty = 0;  ///< at least 0, and finite for the longest sequence; see length_penalty
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

/// The beams of a search, D::width for each source, one a row of the decoder, and the best hypotheses so far.
template <Decoder D>
class BeamState {
  using Scalar = typename D::Scalar;
  static constexpr auto vocabulary = static_cast<std::size_t>(D::vocabulary);
  static constexpr std::size_t no_row = D::rows;

 public:
  BeamState(const Sequences& prompts, std::size_t sources, const BeamOptions& options)
      : options_(options),
        lengths_(lengths_after<D>("beam_search", prompts, sources,
                                  {.end = options.end, .length = options.length})),
        hypotheses_(prompts.size()),
        beams_(prompts.size(), 1),
        greedy_(prompts.size()),
        log_probabilities_(D::rows, 0.0),
        origins_(D::rows),
        ids_(D::rows) {
    const std::size_t longest = lengths_.empty() ? 1 : *std::ranges::max_element(lengths_);
    require_penalty(longest);
    history_.reserve(longest * D::rows);
    going_.reserve(D::width + 1);
    ended_.reserve(D::width + 1);
    for (Hypotheses& each : hypotheses_) each.reserve(D::width + 1);
    for (std::size_t source = 0; source < greedy_.size(); ++source) greedy_[source] = source * D::width;
  }

  /// Goes on with every beam, whose logits lie in [rows, vocabulary]. Says whether any goes on; then `ids`
  /// are what it takes, and `origins` the rows that it goes on from.
  bool grow(const Scalar* logits) {
    for (std::size_t row = 0; row < D::rows; ++row) {
      origins_[row] = static_cast<std::int32_t>(row);
      ids_[row] = stay;
    }
    bool any = false;
    for (std::size_t source = 0; source < beams_.size(); ++source) {
      if (beams_[source] == 0) continue;
      rank(source, logits);
      for (const Candidate& each : ended_) add(source, each, true);
      if (at_length(source)) {
        for (const Candidate& each : going_) add(source, each, false);
        going_.clear();
      }
      advance(source);
      any = any || beams_[source] > 0;
    }
    for (std::size_t row = 0; row < D::rows; ++row) history_.push_back({origins_[row], ids_[row]});
    ++tokens_;
    return any;
  }

  std::span<const std::int32_t> origins() const { return origins_; }
  std::span<const std::int32_t> ids() const { return ids_; }

  /// Of every source, the best score first. Leaves none behind.
  std::vector<Hypotheses> hypotheses() { return std::move(hypotheses_); }

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

  /// A penalty that overflows would make all long sequences equal.
  void require_penalty(std::size_t longest) const {
    const double power = options_.length_penalty;
    require(power >= 0 && is_finite(power), "beam_search: length_penalty", "a finite number of at least 0",
            std::to_string(power));
    require(is_finite(length_penalty(longest, power)), "beam_search: length_penalty",
            "a power that is finite for " + std::to_string(longest) + " tokens", std::to_string(power));
  }

  bool at_length(std::size_t source) const { return tokens_ + 1 == lengths_[source]; }

  /// Sorts the continuations of a source's beams: ended_ are the best that end, going_ the best others, one
  /// of them the greedy path's while that goes on.
  void rank(std::size_t source, const Scalar* logits) {
    going_.clear();
    ended_.clear();
    std::optional<Candidate> greedy;
    for (std::size_t row = source * D::width; row < source * D::width + beams_[source]; ++row) {
      const std::span<const Scalar> own(logits + row * vocabulary, vocabulary);
      require_logits("beam_search", own, row);
      const auto best = static_cast<std::size_t>(likeliest(own));
      const auto largest = static_cast<double>(own[best]);
      double sum = 0;
      for (const Scalar logit : own) sum += std::exp(static_cast<double>(logit) - largest);
      const double log_sum = std::log(sum);
      const auto candidate = [&](std::size_t id) {
        const double log_probability = (static_cast<double>(own[id]) - largest) - log_sum;
        return Candidate{log_probabilities_[row] + log_probability, row, static_cast<std::int32_t>(id)};
      };
      if (row == greedy_[source]) greedy = candidate(best);
      for (std::size_t id = 0; id < vocabulary; ++id)
        if (D::width > 1 || id == best) insert(candidate(id));
    }
    if (greedy) keep(source, *greedy);
  }

  void insert(const Candidate& next) {
    if (!is_finite(next.log_probability)) return;
    std::vector<Candidate>& list = next.id == options_.end ? ended_ : going_;
    if (list.size() == D::width && next.log_probability <= list.back().log_probability) return;
    const auto position = std::ranges::upper_bound(list, next.log_probability, std::ranges::greater{},
                                                   &Candidate::log_probability);
    list.insert(position, next);
    if (list.size() > D::width) list.pop_back();
  }

  /// Puts the greedy path into the place of the last beam if it has fallen out.
  void keep(std::size_t source, const Candidate& greedy) {
    greedy_[source] = no_row;
    if (greedy.id == options_.end || at_length(source)) return;
    auto position = std::ranges::find_if(
        going_, [&](const Candidate& other) { return other.row == greedy.row && other.id == greedy.id; });
    if (position == going_.end()) *--position = greedy;
    greedy_[source] = source * D::width + static_cast<std::size_t>(position - going_.begin());
  }

  /// Makes a source's beams of going_, or ends them all.
  void advance(std::size_t source) {
    beams_[source] = can_win(source) ? going_.size() : 0;
    for (std::size_t beam = 0; beam < beams_[source]; ++beam) {
      const std::size_t row = source * D::width + beam;
      origins_[row] = static_cast<std::int32_t>(going_[beam].row);
      ids_[row] = going_[beam].id;
      log_probabilities_[row] = going_[beam].log_probability;
    }
  }

  /// Whether something that begins with one of going_ can still be among the best: at most it has the
  /// log-probability of now, since that never grows, over the penalty at the length, the largest there is.
  bool can_win(std::size_t source) const {
    const Hypotheses& best = hypotheses_[source];
    if (going_.empty() || best.size() < D::width) return !going_.empty();
    return score(going_.front().log_probability, lengths_[source]) > best.back().score;
  }

  double score(double log_probability, std::size_t tokens) const {
    return log_probability / length_penalty(tokens, options_.length_penalty);
  }

  /// Makes a hypothesis of what ends with a candidate, if it is among the best `width`.
  void add(std::size_t source, const Candidate& last, bool ended) {
    Hypotheses& best = hypotheses_[source];
    const double own = score(last.log_probability, tokens_ + 1);
    const auto position = std::ranges::upper_bound(best, own, std::ranges::greater{}, &Hypothesis::score);
    if (best.size() == D::width && position == best.end()) return;
    best.insert(position, {tokens_before(last, ended), last.log_probability, own, ended});
    if (best.size() > D::width) best.pop_back();
  }

  /// The tokens of a candidate's beam, and its own unless that is the end.
  Sequence tokens_before(const Candidate& last, bool ended) const {
    Sequence tokens(tokens_ + (ended ? 0 : 1), last.id);
    std::size_t row = last.row;
    for (std::size_t token = tokens_; token-- > 0;) {
      const Link& link = history_[token * D::rows + row];
      tokens[token] = link.id;
      row = static_cast<std::size_t>(link.origin);
    }
    return tokens;
  }

  BeamOptions options_;
  std::vector<std::size_t> lengths_;       ///< of every source
  std::vector<Hypotheses> hypotheses_;     ///< of every source, up to `width`, the best score first
  std::vector<std::size_t> beams_;         ///< of every source, which are its first rows, the best first
  std::vector<std::size_t> greedy_;        ///< of every source, the row of the greedy path, or no_row
  std::vector<double> log_probabilities_;  ///< of every row
  std::vector<std::int32_t> origins_, ids_;
  std::vector<Link> history_;             ///< [token, row]
  std::vector<Candidate> going_, ended_;  ///< of one source, the best first
  std::size_t tokens_ = 0;
};

}  // namespace ctgrad::generate
