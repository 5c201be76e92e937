#pragma once

#include <ctgrad/generate/beam.hpp>

#include "table_decoder.hpp"

namespace ctgrad::test {

using generate::Hypotheses;
using generate::Hypothesis;

/// A model's table, a prompt of one of its sources, and the options of a search.
struct Search {
  Logit logit;
  std::int32_t vocabulary;
  generate::BeamOptions options;
  std::size_t source = 0;
  Sequence prompt = {0};

  double log_probability_after(const Sequence& tokens, std::int32_t id) const {
    Sequence all = prompt;
    all.insert(all.end(), tokens.begin(), tokens.end());
    return test::log_probability(logit, source, all, id, vocabulary);
  }

  /// What begins with tokens [count - 1] of that log-probability and ends with `id`, which is the end or the
  /// last that the length allows.
  Hypothesis hypothesis(Sequence tokens, double log_probability, std::int32_t id) const {
    const auto count = static_cast<double>(tokens.size() + 1);
    const bool ended = id == options.end;
    if (!ended) tokens.push_back(id);
    const double penalty =
        std::pow(5 + count, options.length_penalty) / std::pow(5 + 1, options.length_penalty);
    return {std::move(tokens), log_probability, log_probability / penalty, ended};
  }

  bool finishes(std::int32_t id, std::size_t count) const {
    return id == options.end || static_cast<std::int64_t>(count) == options.length;
  }

  /// The score of exactly that sequence, token by token.
  Hypothesis of(const Sequence& tokens, bool ended) const {
    Sequence all = tokens, before;
    if (ended) all.push_back(*options.end);
    double sum = 0;
    for (const std::int32_t id : all) {
      sum += log_probability_after(before, id);
      before.push_back(id);
    }
    before.pop_back();
    return hypothesis(before, sum, all.back());
  }
};

/// One of many searches over a vocabulary of 4, the end being 3: lengths to 9, penalties to 3, tables whose
/// rows are sure or not, so that what is good at first is often not so later, eager or loath to end, some
/// without some of the tokens.
inline Search drawn_search(std::uint64_t seed) {
  Random random(Seed{seed}, 77);
  const double scale = 0.3 + 2 * random.uniform(), eagerness = 4 * random.uniform() - 3;
  const bool gaps = random.below(4) == 0;
  const Logit normal = random_logits(seed, 1);
  const Logit logit = [=](std::size_t source, const Sequence& tokens, std::int32_t id) {
    const double x = normal(source, tokens, id);
    if (gaps && id != 1 && x > 1) return -std::numeric_limits<double>::infinity();
    return scale * std::exp(normal(source, tokens, 7)) * x + (id == 3 ? eagerness : 0);
  };
  const double penalties[] = {0, 0, 0.2, 0.6, 1, 2, 3};
  generate::BeamOptions options{.end = 3, .length = 1 + random.below(9)};
  options.length_penalty = penalties[random.below(7)];
  if (random.below(8) == 0) options.end.reset();
  return {logit, 4, options, 0, random.below(2) == 0 ? Sequence{0} : Sequence{2, 3}};
}

inline void sort_by_score(Hypotheses& found) {
  std::ranges::stable_sort(found, std::ranges::greater{}, &Hypothesis::score);
}

/// All hypotheses of a search that have a probability, found one by one, the best score first.
inline Hypotheses exhaustive(const Search& search) {
  Hypotheses found;
  const auto visit = [&](const auto& self, const Sequence& tokens, double log_probability) -> void {
    for (std::int32_t id = 0; id < search.vocabulary; ++id) {
      const double sum = log_probability + search.log_probability_after(tokens, id);
      if (!std::isfinite(sum)) continue;
      if (search.finishes(id, tokens.size() + 1)) {
        found.push_back(search.hypothesis(tokens, sum, id));
      } else {
        Sequence next = tokens;
        next.push_back(id);
        self(self, next, sum);
      }
    }
  };
  visit(visit, {}, 0);
  sort_by_score(found);
  return found;
}

/// Beam search as the comment on beam_search says it, over lists of sequences, that goes on to the length
/// whatever it has found.
inline Hypotheses beams_to_the_length(const Search& search, std::size_t width) {
  struct Beam {
    Sequence tokens;
    double log_probability;
    bool greedy;
  };
  std::vector<Beam> beams{{{}, 0, true}};
  Hypotheses found;
  for (std::size_t count = 1; !beams.empty(); ++count) {
    std::vector<Beam> next;
    for (const Beam& beam : beams) {
      std::vector<double> each;
      for (std::int32_t id = 0; id < search.vocabulary; ++id)
        each.push_back(search.log_probability_after(beam.tokens, id));
      const auto best = static_cast<std::int32_t>(std::ranges::max_element(each) - each.begin());
      for (std::int32_t id = 0; id < search.vocabulary; ++id) {
        const double sum = beam.log_probability + each[static_cast<std::size_t>(id)];
        if (!std::isfinite(sum) || (width == 1 && id != best)) continue;
        if (search.finishes(id, count)) {
          found.push_back(search.hypothesis(beam.tokens, sum, id));
        } else {
          next.push_back({beam.tokens, sum, beam.greedy && id == best});
          next.back().tokens.push_back(id);
        }
      }
    }
    std::ranges::stable_sort(next, std::ranges::greater{}, &Beam::log_probability);
    for (std::size_t i = width; i < next.size(); ++i)
      if (next[i].greedy) next[width - 1] = next[i];
    next.erase(next.begin() + static_cast<std::ptrdiff_t>(std::min(width, next.size())), next.end());
    beams = std::move(next);
  }
  sort_by_score(found);
  found.erase(found.begin() + static_cast<std::ptrdiff_t>(std::min(width, found.size())), found.end());
  return found;
}

}  // namespace ctgrad::test
