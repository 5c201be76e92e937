#pragma once

#include <ctgrad/buckets/bucket.hpp>
#include <ctgrad/kernels/lanes.hpp>
#include <ctgrad/plan/memory.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

/// The results of a call's runs as one.
namespace ctgrad::buckets {

/// to = from, or to += from.
template <class T>
CTGRAD_NOINLINE void add_numbers(T* __restrict to, const T* __restrict from, std::size_t count, bool first) {
  if (first) {
    std::copy_n(from, count, to);
  } else {
    for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
  }
}

/// to /= divisor
template <class T>
CTGRAD_NOINLINE void divide_numbers(T* to, std::size_t count, T divisor) {
  for (std::size_t i = 0; i < count; ++i) to[i] /= divisor;
}

/// An array of a model among the gradients of a result.
struct GradientArray {
  std::size_t part = 0;    ///< which has the model
  std::size_t output = 0;  ///< of a bucket
  std::size_t offset = 0;  ///< in the model's flat buffer
  std::size_t count = 0;   ///< of numbers
};

/// Those of one model after the other, of which the first is in part 1 and begins at output 2.
template <class Scalar, class... Models>
constexpr auto arrays_of_models() {
  std::array<GradientArray, (std::size_t{0} + ... + leaf_count<Models>())> arrays{};
  std::size_t next = 0, part = 1;
  const auto add = [&](auto model) {
    runtime::for_each_offset<decltype(model), Scalar>(model, [&](const auto& leaf, std::size_t offset) {
      arrays[next] = {part, 2 + next, offset, static_cast<std::size_t>(leaf.size)};
      ++next;
    });
    ++part;
  };
  (add(Models{}), ...);
  return arrays;
}

/// Those of a result; none where it has no gradients.
template <class Scalar, class Result>
inline constexpr std::array<GradientArray, 0> gradient_arrays{};
template <class Scalar, class G>
inline constexpr auto gradient_arrays<Scalar, MeanAndGradients<G>> = arrays_of_models<Scalar, G>();
template <class Scalar, class... G>
inline constexpr auto gradient_arrays<Scalar, MeanAndGradients<std::tuple<G...>>> =
    arrays_of_models<Scalar, G...>();

/// Joins what runs leave in the arena to the results of a call, which have memory of their own.
template <class Scalar, class Result>
class RunJoin {
 public:
  static constexpr const auto& parts = parts_of<Scalar, Result>;
  static constexpr bool has_mean =
      std::ranges::any_of(parts, [](const Part& part) { return part.joining == Joining::mean; });

  RunJoin() { begin({}); }

  /// Begins a call: its results begin at begins() and end at bytes().
  void begin(const Extent& extent) {
    extent_ = extent;
    bytes_ = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      begins_[i] = bytes_;
      bytes_ += static_cast<std::size_t>(plan::aligned(static_cast<Size>(extent.bytes(parts[i]))));
    }
    total_ = weight_ = 0;
    runs_ = 0;
  }

  const std::array<std::size_t, parts.size()>& begins() const { return begins_; }
  const Extent& extent() const { return extent_; }
  std::size_t bytes() const { return bytes_; }

  /// Adds what a bucket has computed in the arena for these sequences to results at `to`.
  void add(std::byte* to, const Facts& facts, const std::byte* arena,
           std::span<const std::size_t> sequences) {
    place(to, facts, arena, sequences);
    for (const Part& part : parts) {
      if (part.joining != Joining::mean) continue;
      total_ += number_at(arena + facts.outputs[part.output]);
      weight_ += number_at(arena + facts.outputs[part.output + 1]);
    }
    add_gradients(to, arena, facts);
    ++runs_;
  }

  /// Copies those results that are rows; threads may do so at once for different sequences.
  void place(std::byte* to, const Facts& facts, const std::byte* arena,
             std::span<const std::size_t> sequences) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::byte* from = arena + facts.outputs[parts[i].output];
      if (parts[i].joining == Joining::rows) add_rows(to + begins_[i], parts[i].bytes, from, sequences);
      if (parts[i].joining == Joining::tokens)
        add_tokens(to + begins_[i], parts[i].bytes, from, static_cast<std::size_t>(facts.tokens), sequences);
    }
  }

  /// Makes means of the sums; 0 where nothing had a weight.
  void finish(std::byte* to) const {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].joining != Joining::mean) continue;
      const auto mean = static_cast<Scalar>(weight_ == 0 ? 0 : total_ / weight_);
      std::memcpy(to + begins_[i], &mean, sizeof mean);
    }
    for_each_gradient([&](std::size_t part, std::size_t, std::size_t offset, std::size_t count) {
      Scalar* numbers = reinterpret_cast<Scalar*>(to + begins_[part]) + offset;
      if (weight_ == 0) {
        std::fill_n(numbers, count, Scalar{0});
      } else {
        divide_numbers(numbers, count, static_cast<Scalar>(weight_));
      }
    });
  }

 private:
  static void add_rows(std::byte* to, std::size_t bytes, const std::byte* from,
                       std::span<const std::size_t> sequences) {
    for (std::size_t row = 0; row < sequences.size(); ++row)
      std::memcpy(to + sequences[row] * bytes, from + row * bytes, bytes);
  }

  /// Rows of a bucket's tokens as rows of those of the call's longest sequence.
  void add_tokens(std::byte* to, std::size_t bytes, const std::byte* from, std::size_t tokens,
                  std::span<const std::size_t> sequences) const {
    const std::size_t kept = std::min(tokens, extent_.tokens);
    for (std::size_t row = 0; row < sequences.size(); ++row) {
      std::byte* first = to + sequences[row] * extent_.tokens * bytes;
      std::memcpy(first, from + row * tokens * bytes, kept * bytes);
      std::memset(first + kept * bytes, 0, (extent_.tokens - kept) * bytes);
    }
  }

  static double number_at(const std::byte* where) {
    return static_cast<double>(*reinterpret_cast<const Scalar*>(where));
  }

  /// Between the arrays of a model the arena has what other buckets left there, and results have zeros.
  void add_gradients(std::byte* to, const std::byte* arena, const Facts& facts) const {
    for_each_gradient([&](std::size_t part, std::size_t output, std::size_t offset, std::size_t count) {
      add_numbers(reinterpret_cast<Scalar*>(to + begins_[part]) + offset,
                  reinterpret_cast<const Scalar*>(arena + facts.outputs[output]), count, runs_ == 0);
    });
  }

  /// visit(part, output, offset, count) for every array of every model.
  template <class Visit>
  void for_each_gradient(const Visit& visit) const {
    for (const GradientArray& array : gradient_arrays<Scalar, Result>)
      visit(array.part, array.output, array.offset, array.count);
  }

  std::array<std::size_t, parts.size()> begins_{};
  Extent extent_;
  std::size_t bytes_ = 0;
  double total_ = 0, weight_ = 0;
  std::size_t runs_ = 0;
};

}  // namespace ctgrad::buckets
