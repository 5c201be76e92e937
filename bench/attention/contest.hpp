#pragma once

#include <ctgrad/base/shape.hpp>

#include <cstdint>
#include <span>
#include <vector>

/// Attentions that are timed, each by the kernel that keeps no scores and by plain products over all scores.
namespace bench {

/// Heads that each attention computes one after the other, as a batch of its own.
inline constexpr int heads = 4;

/// Numbers whose first lies at the beginning of a cache line, as those of a program do.
class Numbers {
 public:
  explicit Numbers(std::size_t count) : lines_((count + 15) / 16) {}
  float* data() { return lines_.data()->numbers; }
  const float* data() const { return lines_.data()->numbers; }

 private:
  struct Line {
    alignas(64) float numbers[16];
  };
  std::vector<Line> lines_;
};

/// q, k, v [heads, length, width] and all that is computed of them, each of its operand's shape.
struct AttentionNumbers {
  Numbers q, k, v, cotangent;
  Numbers result, log_sum_exp;
  Numbers dq, dk, dv;

  AttentionNumbers(ctgrad::Size length, ctgrad::Size width);
};

/// One way to compute an attention: in both directions, for all heads. `make` gives what the forward keeps
/// for the backward, and what both need besides; `drop` takes that back.
struct AttentionWay {
  void* (*make)();
  void (*drop)(void*);
  void (*forward)(AttentionNumbers&, void*);
  void (*backward)(AttentionNumbers&, void*);
};

/// An attention of equally many queries and keys.
struct AttentionCase {
  ctgrad::Size length = 0;
  ctgrad::Size width = 0;
  bool causal = false;
  AttentionWay fused;
  AttentionWay plain;

  /// Pairs of a query and a key that it sees, of all heads.
  double pairs() const {
    const auto n = static_cast<double>(length);
    return heads * (causal ? n * (n + 1) / 2 : n * n);
  }
  /// Of the two products forward and the five backward, as far as they are seen.
  double forward_flops() const { return 4 * pairs() * static_cast<double>(width); }
  double backward_flops() const { return 10 * pairs() * static_cast<double>(width); }
};

std::span<const AttentionCase> attentions_of_width_16();
std::span<const AttentionCase> attentions_of_width_32();
std::span<const AttentionCase> attentions_of_width_64();

}  // namespace bench
