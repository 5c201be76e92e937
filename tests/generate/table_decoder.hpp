#pragma once

#include <ctgrad/generate/sequences.hpp>
#include <ctgrad/runtime/random.hpp>

#include <functional>

namespace ctgrad::test {

using generate::Sequence;
using generate::Sequences;

/// The logit of an id after the tokens of a sequence, for a source.
using Logit = std::function<double(std::size_t source, const Sequence& tokens, std::int32_t id)>;

/// Logits of a random model: normal numbers, a pure function of (seed, source, tokens, id).
inline Logit random_logits(std::uint64_t seed, double scale = 1.5) {
  return [=](std::size_t source, const Sequence& tokens, std::int32_t id) {
    std::uint64_t stream = source + 1;
    for (const std::int32_t token : tokens) stream = stream * 1000003 + static_cast<std::uint64_t>(token) + 7;
    Random random(Seed{seed}, stream);
    random.skip(4 * static_cast<std::uint64_t>(id));
    return scale * random.normal();
  };
}

/// A decoder whose logits are a function's, which sees all that a row has taken.
template <std::size_t Batch, std::size_t Width, std::int64_t Vocabulary, std::int64_t Length,
          class S = double>
class TableDecoder {
 public:
  using Scalar = S;
  static constexpr std::size_t width = Width, rows = Batch * Width;
  static constexpr std::int64_t vocabulary = Vocabulary, length = Length;

  explicit TableDecoder(Logit logit)
      : logit_(std::move(logit)), taken_(rows), logits_(rows * static_cast<std::size_t>(Vocabulary)) {
    for (Sequence& tokens : taken_) tokens.reserve(static_cast<std::size_t>(Length));
  }

  std::size_t sources() const { return Batch; }
  int steps() const { return steps_; }

  void rewind() {
    for (Sequence& tokens : taken_) tokens.clear();
  }

  void reorder(std::span<const std::int32_t> origins) {
    const Sequences before = taken_;
    for (std::size_t row = 0; row < rows; ++row) {
      const auto origin = static_cast<std::size_t>(origins[row]);
      if (origin / Width != row / Width) throw std::logic_error("a row of another source");
      taken_[row] = before[origin];
    }
  }

  std::span<const S> next(std::span<const std::int32_t> ids) {
    ++steps_;
    for (std::size_t row = 0; row < rows; ++row) {
      if (ids[row] != generate::stay) taken_[row].push_back(ids[row]);
      if (taken_[row].size() > static_cast<std::size_t>(Length)) throw std::logic_error("beyond the length");
      for (std::int32_t id = 0; id < Vocabulary; ++id) {
        logits_[row * static_cast<std::size_t>(Vocabulary) + static_cast<std::size_t>(id)] =
            static_cast<S>(logit_(row / Width, taken_[row], id));
      }
    }
    return logits_;
  }

 private:
  Logit logit_;
  Sequences taken_;
  std::vector<S> logits_;
  int steps_ = 0;
};

/// The natural logarithm of the probability of an id after the tokens.
inline double log_probability(const Logit& logit, std::size_t source, const Sequence& tokens, std::int32_t id,
                              std::int32_t vocabulary) {
  double sum = 0;
  for (std::int32_t other = 0; other < vocabulary; ++other) sum += std::exp(logit(source, tokens, other));
  return logit(source, tokens, id) - std::log(sum);
}

}  // namespace ctgrad::test
