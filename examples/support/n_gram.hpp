#pragma once

#include "text.hpp"

#include <cstdint>
#include <vector>

/// A model of the next character that counts what followed the `order` - 1 characters before it (two for a
/// trigram), and what followed fewer of them. With c(h, w) the times that w followed h, n(h) the different
/// characters that did, c(h) the sum of c(h, .) and h' all of h but its first character:
///
///     p(w | h) = max(c(h, w) - D, 0) / c(h) + D n(h) / c(h) p(w | h')
///
/// Counts of less than `order` - 1 characters are of different characters before h w, not of its places; the
/// shortest p is 1 / vocabulary. Every length has a D of its own, from how many counts are 1 and 2. A context
/// that was never seen leaves its part to the shorter one.
///
/// Interpolated Kneser-Ney smoothing: Chen and Goodman, "An empirical study of smoothing techniques for
/// language modeling", 1999, sections 2.7 and 4.1; the discount is Ney, Essen and Kneser's, 1994.
class NGram {
 public:
  /// Counts where the whole n-gram lies in one of the stretches of `ids`: nothing else of them is read.
  /// Throws std::invalid_argument unless vocabulary is positive and 1 <= order <= 8, for ids outside [0,
  /// vocabulary), and for 2^32 of them or more.
  NGram(int order, std::int32_t vocabulary, std::span<const std::int32_t> ids,
        std::span<const Stretch> training);

  /// The probability that `next` follows `before`, of which the last `order` - 1 characters count.
  double probability(std::span<const std::int32_t> before, std::int32_t next) const;

  /// The mean of -log p over all characters of the stretches but the text's first, each after all that is
  /// before it in the text.
  TextLoss loss(std::span<const std::int32_t> ids, std::span<const Stretch> stretches) const;

  /// D of contexts of so many characters.
  double discount(int length) const { return lengths_.at(static_cast<std::size_t>(length)).discount; }

 private:
  using Context = std::uint64_t;  ///< the ids, one byte each, the last one least significant

  /// What followed contexts of one length, in 12 bytes each: texts have as many as characters at worst.
  struct Length {
    std::vector<Context> grams;         ///< a context's ids and the one behind them, ascending
    std::vector<std::uint32_t> counts;  ///< c(h, w) of each
    double discount = 0;
  };

  static Context context(std::span<const std::int32_t> before, std::size_t length);
  static Length counted(std::vector<Context> grams);
  static std::vector<Context> grams_of(std::span<const std::int32_t> ids, std::span<const Stretch> training,
                                       std::size_t length);
  static double discount_of(const Length& length);

  std::int32_t vocabulary_;
  std::vector<Length> lengths_;  ///< by the number of characters before the one predicted
};
