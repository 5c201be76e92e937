#pragma once

#include <ctgrad/base/argmax.hpp>
#include <ctgrad/base/number_text.hpp>
#include <ctgrad/base/numbers.hpp>
#include <ctgrad/runtime/dense.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Sequences of tokens, and what makes one out of a model that gives the logits of the next token.
namespace ctgrad::generate {

using Sequence = std::vector<std::int32_t>;
using Sequences = std::vector<Sequence>;

/// In place of the id of a sequence's next token: the sequence stands still, and its logits stay as they are.
inline constexpr std::int32_t stay = -1;

/// Gives logits [rows, vocabulary] for one more token of every row. The rows are `width` neighbours for each
/// of the sources; up to `length` tokens can be taken.
template <class D>
concept Decoder = requires(D& decoder, std::span<const std::int32_t> rows) {
  typename D::Scalar;
  { D::rows + D::width } -> std::convertible_to<std::size_t>;
  { D::vocabulary + D::length } -> std::convertible_to<std::int64_t>;
  { decoder.sources() } -> std::convertible_to<std::size_t>;
  { decoder.next(rows).data() } -> std::convertible_to<const typename D::Scalar*>;
  decoder.reorder(rows);
  decoder.rewind();
};

/// Where a sequence ends: at the token `end`, which is then left out, or after `length` tokens, `end`
/// included. Without an end only the length counts; length 0 stands for as many tokens as the decoder can go
/// on for.
///
/// With a stride sequences go on beyond the decoder's length, and prompts may be longer, through a window
/// that slides: where the decoder has no place left it forgets the window's first `stride` tokens, takes the
/// others anew, and goes on. So windows begin at the multiples of the stride, and token t follows from the
/// window that t - 1 is the first to fit into. A small stride looks far back and costs much: at 1 every token
/// costs a whole window.
struct Stop {
  std::optional<std::int32_t> end = {};
  std::int64_t length = 0;  ///< above 0 with a stride
  std::int64_t stride = 0;  ///< up to the decoder's length; 0 for no sequence longer than that
};

/// Throws std::invalid_argument, naming the operand, unless the condition holds.
inline void require(bool holds, const std::string& operand, const std::string& expected,
                    const std::string& got) {
  if (!holds) throw std::invalid_argument(operand + ": expected " + expected + ", got " + got);
}

/// Logits [vocabulary] of sequence `row`: numbers below infinity, not all of them -infinity.
template <class Scalar>
void require_logits(const char* what, std::span<const Scalar> logits, std::size_t row) {
  bool any = false;
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (!(logits[id] < std::numeric_limits<Scalar>::infinity())) {
      require(false, std::string(what) + ": logits of sequence " + std::to_string(row),
              "numbers below infinity", text::shortest(logits[id]) + " for id " + std::to_string(id));
    }
    any = any || is_finite(logits[id]);
  }
  if (!any) {
    require(false, std::string(what) + ": logits of sequence " + std::to_string(row), "a finite number",
            "none");
  }
}

/// The first logit of what a decoder's step gives. Throws std::invalid_argument for a view that is not dense,
/// and for another number of logits than [rows, vocabulary] has.
template <Decoder D, runtime::InMemory Step>
auto logits_of(const Step& step) {
  const auto* logits = runtime::dense_data(step, "next: logits");
  if constexpr (requires { step.size(); }) {
    constexpr std::size_t size = D::rows * static_cast<std::size_t>(D::vocabulary);
    if (step.size() != size)
      require(false, "next: logits", std::to_string(size) + " numbers", std::to_string(step.size()));
  }
  return logits;
}

/// The id of the largest logit, the first of equal ones. Throws std::invalid_argument for no logits, and for
/// one that is NaN.
template <class Scalar>
std::int32_t likeliest(std::span<const Scalar> logits) {
  if (logits.empty()) require(false, "likeliest: logits", "at least 1", "0");
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (is_nan(logits[id]))
      require(false, "likeliest: logits", "numbers",
              text::shortest(logits[id]) + " for id " + std::to_string(id));
  }
  return argmax(logits.data(), logits.size());
}

/// Refuses more prompts than `most`, prompts of another number of tokens than [least, longest], and tokens
/// that are no ids.
template <Decoder D>
void require_prompts(const std::string& what, const Sequences& prompts, std::size_t most, std::int64_t least,
                     std::int64_t longest = D::length) {
  require(prompts.size() <= most, what + ": prompts", "at most " + std::to_string(most),
          std::to_string(prompts.size()));
  for (std::size_t n = 0; n < prompts.size(); ++n) {
    const std::string name = what + ": prompts[" + std::to_string(n) + "]";
    const auto tokens = static_cast<std::int64_t>(prompts[n].size());
    require(tokens >= least && tokens <= longest, name,
            std::to_string(least) + " to " + std::to_string(longest) + " tokens", std::to_string(tokens));
    for (std::size_t position = 0; position < prompts[n].size(); ++position)
      require(prompts[n][position] >= 0 && prompts[n][position] < D::vocabulary,
              name + "[" + std::to_string(position) + "]",
              "an id in [0, " + std::to_string(D::vocabulary) + ")", std::to_string(prompts[n][position]));
  }
}

/// How many tokens may follow each prompt. Throws std::invalid_argument, naming what does not fit: an end
/// that is no id, a prompt that require_prompts refuses, a length that the decoder cannot reach, a stride
/// that is none, or one without a length.
template <Decoder D>
std::vector<std::size_t> lengths_after(const std::string& what, const Sequences& prompts, std::size_t most,
                                       const Stop& stop) {
  const bool slides = stop.stride != 0;
  require(stop.stride >= 0 && stop.stride <= D::length, what + ": stride",
          "one in [0, " + std::to_string(D::length) + "]", std::to_string(stop.stride));
  constexpr std::int64_t any_length = std::numeric_limits<std::int32_t>::max();
  require_prompts<D>(what, prompts, most, 1, slides ? any_length : D::length);
  require(!stop.end || (*stop.end >= 0 && *stop.end < D::vocabulary), what + ": end",
          "an id in [0, " + std::to_string(D::vocabulary) + ")", std::to_string(stop.end.value_or(0)));
  require(stop.length >= (slides ? 1 : 0), what + ": length",
          slides ? "at least 1, where a window slides without end" : "at least 0",
          std::to_string(stop.length));
  std::vector<std::size_t> lengths;
  for (std::size_t n = 0; n < prompts.size(); ++n) {
    const auto taken = static_cast<std::int64_t>(prompts[n].size());
    const std::int64_t room = D::length - taken + 1;  // the last token is chosen, but not taken
    require(slides || stop.length <= room, what + ": length",
            "at most " + std::to_string(room) + " after prompts[" + std::to_string(n) + "] of " +
                std::to_string(taken) + " without a stride",
            std::to_string(stop.length));
    lengths.push_back(static_cast<std::size_t>(stop.length == 0 ? room : stop.length));
  }
  return lengths;
}

/// Gives the decoder the tokens of prompts[row], row by row side by side: a row whose prompt is shorter
/// stands still at its end, one without a prompt altogether. Returns the logits of what follows. Throws
/// std::invalid_argument for more prompts than the sources have rows, one longer than the decoder, or a token
/// that is no id.
template <Decoder D>
auto prefill(D& decoder, const Sequences& prompts) {
  std::size_t longest = 0;
  for (const Sequence& prompt : prompts) longest = std::max(longest, prompt.size());
  require_prompts<D>("prefill", prompts, decoder.sources() * D::width, 0);
  require(longest > 0, "prefill: prompts", "a token", "none");
  std::vector<std::int32_t> ids(D::rows, stay);
  const auto take = [&](std::size_t token) {
    for (std::size_t row = 0; row < prompts.size(); ++row)
      ids[row] = token < prompts[row].size() ? prompts[row][token] : stay;
    return decoder.next(ids);
  };
  for (std::size_t token = 0; token + 1 < longest; ++token) take(token);
  return take(longest - 1);
}

/// Where the first window begins from which a token is chosen: behind the shortest prompt.
template <Decoder D>
std::size_t first_window(const Sequences& prompts, const Stop& stop) {
  constexpr auto length = static_cast<std::size_t>(D::length);
  const auto stride = static_cast<std::size_t>(stop.stride);
  std::size_t shortest = std::numeric_limits<std::size_t>::max();
  for (const Sequence& prompt : prompts) shortest = std::min(shortest, prompt.size());
  if (prompts.empty() || stride == 0 || shortest <= length) return 0;
  return (shortest - length + stride - 1) / stride * stride;
}

/// Sequences that grow behind their prompts, row by row.
class Growth {
 public:
  /// With room for so many tokens behind each prompt.
  Growth(const Sequences& prompts, const std::vector<std::size_t>& lengths)
      : prompts_(prompts), lengths_(lengths), added_(prompts.size()) {
    for (std::size_t n = 0; n < prompts.size(); ++n) added_[n].reserve(lengths[n]);
  }

  /// The token at a position that the prompt or what was added has.
  std::int32_t at(std::size_t n, std::size_t position) const {
    const Sequence& prompt = prompts_[n];
    return position < prompt.size() ? prompt[position] : added_[n][position - prompt.size()];
  }
  bool has(std::size_t n, std::size_t position) const {
    return position < prompts_[n].size() + added_[n].size();
  }

  /// Adds a token, and says whether more may follow.
  bool add(std::size_t n, std::int32_t id) {
    added_[n].push_back(id);
    return added_[n].size() < lengths_[n];
  }

  Sequences take() { return std::move(added_); }

 private:
  const Sequences& prompts_;
  const std::vector<std::size_t>& lengths_;
  Sequences added_;
};

/// Goes on from prompts[row], row by row side by side, with what `choose(row, position, logits)` gives for
/// the token at that position of the sequence; a row whose prompt is shorter goes on earlier. Returns what
/// follows the prompts; `choose` refuses logits that it cannot choose from. After the first token nothing is
/// allocated.
template <Decoder D, class Choose>
Sequences extend(const char* what, D& decoder, const Sequences& prompts, const Stop& stop,
                 const Choose& choose) {
  using Logits = std::span<const typename D::Scalar>;
  constexpr auto vocabulary = static_cast<std::size_t>(D::vocabulary);
  const auto lengths = lengths_after<D>(what, prompts, decoder.sources() * D::width, stop);
  Growth growth(prompts, lengths);
  const typename D::Scalar* logits = nullptr;
  std::vector<std::int32_t> ids(D::rows, stay), earlier(D::rows, stay);
  const auto next = [&](std::size_t n, std::size_t position) {
    if (growth.has(n, position)) return growth.at(n, position);
    const std::int32_t id = choose(n, position, Logits(logits + n * vocabulary, vocabulary));
    return id != stop.end && growth.add(n, id) ? id : stay;
  };
  const auto take_anew = [&](std::size_t begin, std::size_t end) {
    decoder.rewind();
    for (std::size_t position = begin; position < end; ++position) {
      for (std::size_t n = 0; n < prompts.size(); ++n)
        earlier[n] = ids[n] == stay ? stay : growth.at(n, position);
      decoder.next(earlier);
    }
  };
  std::size_t begin = first_window<D>(prompts, stop);
  decoder.rewind();
  for (std::size_t position = begin, first = begin;; ++position) {
    bool any = false;
    for (std::size_t n = 0; n < prompts.size(); ++n) {
      if (position == first || ids[n] != stay) ids[n] = next(n, position);
      any = any || ids[n] != stay;
    }
    if (!any) return growth.take();
    if (position - begin == static_cast<std::size_t>(D::length)) {
      begin += static_cast<std::size_t>(stop.stride);
      take_anew(begin, position);
    }
    logits = logits_of<D>(decoder.next(ids));
  }
}

}  // namespace ctgrad::generate
