#include "pair_task.hpp"

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/runtime/random.hpp>

#include "passages.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <stdexcept>

using ctgrad::io::shown;

namespace sentences {

namespace {

constexpr std::size_t least_pairs = 30;

/// All pairs' numbers in an order that the seed draws.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  ctgrad::Random random{ctgrad::Seed{seed}, 200};  // another stream than training's
  for (std::size_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[random.below(static_cast<std::uint32_t>(left))]);
  return order;
}

Pairs chosen(std::span<const std::size_t> order, const std::vector<ScoredPair>& pairs,
             const Embeddings& vectors, double similar_from) {
  Pairs some{{vectors.width}, {vectors.width}, {}};
  for (const std::size_t pair : order) {
    some.first.append(vectors[2 * pair]);
    some.second.append(vectors[2 * pair + 1]);
    some.similar.push_back(pairs[pair].score >= similar_from ? 1 : 0);
  }
  return some;
}

std::size_t count_similar(const Pairs& pairs) {
  return static_cast<std::size_t>(std::ranges::count(pairs.similar, 1));
}

void require_both_kinds(const Pairs& pairs, const char* part, double similar_from) {
  const std::size_t similar = count_similar(pairs);
  if (similar != 0 && similar != pairs.size()) return;
  throw std::invalid_argument("--similar-from: expected similar and other pairs in the " + std::string(part) +
                              " part, got " + (similar == 0 ? "none" : "only") + " of a score from " +
                              std::to_string(similar_from) + " on");
}

}  // namespace

PairTask pair_task(const std::vector<ScoredPair>& pairs, const std::string& file, double similar_from,
                   std::uint64_t seed, TextEmbedder& embedder) {
  if (pairs.size() < least_pairs) {
    throw std::invalid_argument(shown(file) + ": expected at least " + std::to_string(least_pairs) +
                                " pairs, got " + std::to_string(pairs.size()));
  }
  Texts texts{shown(file) + ": text"};
  for (const ScoredPair& pair : pairs) texts.texts.insert(texts.texts.end(), {pair.first, pair.second});
  const Embeddings vectors = embedder.embed(embedder.encode(texts).ids);
  const std::vector<std::size_t> order = shuffled(pairs.size(), seed);
  const std::span<const std::size_t> all(order);
  const std::size_t held_out = pairs.size() / 3;
  PairTask task{chosen(all.subspan(held_out), pairs, vectors, similar_from),
                chosen(all.first(held_out), pairs, vectors, similar_from)};
  require_both_kinds(task.training, "training", similar_from);
  require_both_kinds(task.held_out, "held-out", similar_from);
  return task;
}

double best_threshold(const Pairs& pairs) {
  std::vector<std::pair<double, std::int32_t>> by_cosine;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    by_cosine.emplace_back(cosine(pairs.first[i], pairs.second[i]), pairs.similar[i]);
  std::ranges::sort(by_cosine);
  std::size_t right = count_similar(pairs), most = right;  // all are called similar
  double best = -1;
  for (std::size_t i = 0; i < by_cosine.size(); ++i) {  // those up to this one are called others
    right = by_cosine[i].second == 0 ? right + 1 : right - 1;
    const bool is_last = i + 1 == by_cosine.size();
    if (right <= most || (!is_last && by_cosine[i + 1].first == by_cosine[i].first)) continue;
    most = right;
    best = is_last ? 2 : (by_cosine[i].first + by_cosine[i + 1].first) / 2;
  }
  return best;
}

PairScores score(const Pairs& pairs, std::int32_t always, double threshold,
                 std::span<const double> probabilities) {
  std::size_t same = 0, by_cosine = 0, by_network = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const bool similar = pairs.similar[i] == 1;
    if (pairs.similar[i] == always) ++same;
    if ((cosine(pairs.first[i], pairs.second[i]) >= threshold) == similar) ++by_cosine;
    if ((probabilities[i] >= 0.5) == similar) ++by_network;
  }
  const auto part = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(pairs.size());
  };
  return {part(same), part(by_cosine), part(by_network)};
}

int train_pairs(const Options& options, const CompiledModel& compiled, TextEmbedder& embedder) {
  const std::vector<ScoredPair> pairs = read_scored_pairs(options.pairs);
  const PairTask task =
      pair_task(pairs, options.pairs, options.similar_from, options.training.seed, embedder);
  const std::unique_ptr<PairClassifier> classifier = compiled.make_classifier();
  classifier->train(task.training, options.training);
  if (!options.save.empty()) classifier->save(options.save);

  const std::int32_t always = 2 * count_similar(task.training) >= task.training.size() ? 1 : 0;
  const double threshold = best_threshold(task.training);
  const PairScores seen = score(task.training, always, threshold, classifier->probabilities(task.training));
  const PairScores held_out =
      score(task.held_out, always, threshold, classifier->probabilities(task.held_out));
  std::printf("%zu pairs to learn from, %zu held out; similar are those of a score from %g on\n",
              task.training.size(), task.held_out.size(), options.similar_from);
  std::printf("%-40s %9s %9s\n", "told right", "learned", "held out");
  const auto row = [](const std::string& name, double learned, double unseen) {
    std::printf("%-40s %7.1f %% %7.1f %%\n", name.c_str(), 100 * learned, 100 * unseen);
  };
  row(always == 1 ? "all called similar" : "none called similar", seen.majority, held_out.majority);
  char name[64];
  std::snprintf(name, sizeof name, "similar from a cosine of %.3f on", threshold);
  row(name, seen.by_cosine, held_out.by_cosine);
  row("the classifier", seen.by_network, held_out.by_network);
  const bool good = held_out.by_network >= held_out.majority + margin;
  std::printf("classifier of pairs: %.1f points better than one answer for all (bar %.0f): %s\n",
              100 * (held_out.by_network - held_out.majority), 100 * margin, good ? "ok" : "MISSED");
  return good ? 0 : 1;
}

void judge_pairs(const Options& options, const Texts& texts, const CompiledModel& compiled,
                 TextEmbedder& embedder) {
  if (texts.size() % 2 != 0) {
    throw std::invalid_argument("--load: expected texts in pairs, got " + std::to_string(texts.size()) +
                                " of them");
  }
  const std::unique_ptr<PairClassifier> classifier = compiled.make_classifier();
  classifier->load(options.load);
  const Embeddings vectors = embedder.embed(embedder.encode(texts).ids);
  Pairs pairs{{vectors.width}, {vectors.width}, {}};
  for (std::size_t i = 0; i < texts.size(); ++i) (i % 2 == 0 ? pairs.first : pairs.second).append(vectors[i]);
  const std::vector<double> probabilities = classifier->probabilities(pairs);
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    std::printf("similar %5.1f %%  %s | %s\n", 100 * probabilities[i],
                on_one_line(texts.texts[2 * i], 60).c_str(), on_one_line(texts.texts[2 * i + 1], 60).c_str());
  }
}

}  // namespace sentences
