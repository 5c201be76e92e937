#pragma once

#include <ctgrad/buckets/padded_inputs.hpp>
#include <ctgrad/runtime/run_memory.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

/// What a call of a program of varying lengths is given: how many sequences, and how long each is.
namespace ctgrad::buckets {

/// Refuses what does not fit before anything is computed. Allocates nothing once it has seen as many
/// sequences.
class GivenSequences {
 public:
  /// Of a program whose longest bucket has so many tokens.
  explicit GivenSequences(std::size_t longest) : longest_(longest) {}

  void begin() {
    position_ = 0;
    tokens_.clear();
    all_tokens_.clear();
    begins_.clear();
    bytes_.clear();
  }

  /// Takes an argument of sequences. Throws std::invalid_argument, naming it and the sequence, for one
  /// without tokens or with too many, and for another number of sequences than the first such argument has.
  template <TokenLists L>
  void add(const L& lists, std::size_t position) {
    const std::size_t count = std::ranges::size(lists);
    if (position_ == 0) {
      position_ = position;
      tokens_.assign(count, 0);
      all_tokens_.assign(count, 0);
    }
    if (count != tokens_.size()) refuse_count(position, count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto tokens = tokens_of(lists, i);
      if (tokens.empty() || tokens.size() > longest_) refuse_length(position, i, tokens.size());
      tokens_[i] = std::max(tokens_[i], tokens.size());
      all_tokens_[i] += tokens.size();
      add_bytes(tokens.data(), tokens.size_bytes());
    }
  }

  /// Takes an argument that has one T for each sequence. Throws std::invalid_argument, naming it, for another
  /// shape.
  template <class T, class Got>
  void add_each(const Got& got, std::size_t position) {
    const auto* elements = elements_of<T>(got, position);
    add_bytes(elements, tokens_.size() * static_cast<std::size_t>(T::size) * sizeof *elements);
  }

  /// Takes an array that is given to all buckets.
  void add_bytes(const void* begin, std::size_t bytes) {
    begins_.push_back(begin);
    bytes_.push_back(bytes);
  }

  std::size_t count() const { return tokens_.size(); }
  /// The tokens of each sequence: of the longest one where several arguments have sequences.
  std::span<const std::size_t> tokens() const { return tokens_; }
  /// The tokens of each sequence in all arguments together.
  std::span<const std::size_t> all_tokens() const { return all_tokens_; }
  std::size_t most_tokens() const { return tokens_.empty() ? 0 : *std::ranges::max_element(tokens_); }
  /// Where all that is given lies.
  runtime::InputBytes bytes() const { return {begins_.data(), bytes_.data(), begins_.size()}; }

  /// Throws std::invalid_argument where there is no sequence.
  void require_any() const {
    if (tokens_.empty())
      throw std::invalid_argument("argument " + std::to_string(position_) +
                                  ": expected a sequence at least, since the result is a mean, got none");
  }

  /// An argument's first element, as `add_each` gives it.
  template <class T, class Got>
  auto elements_of(const Got& got, std::size_t position) const {
    if constexpr (requires { got.shape()[0]; }) {
      const auto& shape = got.shape();
      bool fits = shape.size() == 1 + static_cast<std::size_t>(T::rank) && shape[0] == tokens_.size();
      for (int axis = 0; fits && axis < T::rank; ++axis)
        fits = static_cast<Size>(shape[static_cast<std::size_t>(axis) + 1]) == T::shape[axis];
      if (!fits) refuse_shape(position, T::shape, runtime::list_text(shape));
      return runtime::dense_data(got, "argument", static_cast<int>(position));
    } else {
      const std::size_t count = std::ranges::size(got);
      if (count != tokens_.size()) refuse_shape(position, T::shape, "[" + std::to_string(count) + "]");
      return std::ranges::data(got);
    }
  }

 private:
  [[noreturn, gnu::cold]] void refuse_count(std::size_t position, std::size_t count) const {
    throw std::invalid_argument("argument " + std::to_string(position) + ": expected " +
                                std::to_string(tokens_.size()) + " sequences, as many as argument " +
                                std::to_string(position_) + " has, got " + std::to_string(count));
  }
  [[noreturn, gnu::cold]] void refuse_length(std::size_t position, std::size_t sequence,
                                             std::size_t got) const {
    throw std::invalid_argument("argument " + std::to_string(position) + "[" + std::to_string(sequence) +
                                "]: expected 1 to " + std::to_string(longest_) +
                                " tokens, the last of the Lengths, got " + std::to_string(got));
  }
  [[noreturn, gnu::cold]] void refuse_shape(std::size_t position, const Shape& each,
                                            const std::string& got) const {
    Shape expected = shape_of(static_cast<Size>(tokens_.size()));
    for (int axis = 0; axis < each.rank; ++axis) expected.push_back(each[axis]);
    throw std::invalid_argument("argument " + std::to_string(position) + ": expected shape " +
                                to_string(expected) + ", a row for each sequence, got " + got);
  }

  std::size_t longest_;
  std::size_t position_ = 0;  ///< of the first argument of sequences, from 1
  std::vector<std::size_t> tokens_, all_tokens_;
  std::vector<const void*> begins_;
  std::vector<std::size_t> bytes_;
};

}  // namespace ctgrad::buckets
