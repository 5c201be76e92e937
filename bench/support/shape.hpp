#pragma once

#include <cstddef>
#include <cstdint>

/// The configurations that are measured. It needs nothing of the library, which may be another commit's.
namespace bench {

/// One encoder: layers of a width with heads and a hidden width, over sequences of a length, so many at a
/// time.
struct Shape {
  std::size_t layers;
  std::int64_t width, heads, hidden, vocabulary, length, batch;
};

inline constexpr Shape toy{2, 32, 2, 64, 16, 16, 32};
inline constexpr Shape toy_1{2, 32, 2, 64, 16, 16, 1};
inline constexpr Shape seed{2, 32, 2, 32, 10000, 100, 1};
inline constexpr Shape seed_32{2, 32, 2, 32, 10000, 100, 32};
inline constexpr Shape small{4, 128, 4, 512, 256, 128, 16};
inline constexpr Shape base{6, 512, 8, 2048, 8192, 128, 8};
/// One sentence, for models as wide as those in use.
inline constexpr Shape sentence{6, 384, 12, 1536, 512, 128, 1};

/// How many floating-point operations the model's matrix products take in a forward pass, a product and a sum
/// for every inner element: its linear layers, and the scores and weighted sums of attention. All else
/// (exponentials, norms, what a kernel computes twice) is not counted, so that every implementation of the
/// model is held to one number.
constexpr double forward_flops(const Shape& s) {
  const std::int64_t rows = s.batch * s.length;
  const std::int64_t projections = 4 * s.width * s.width;
  const std::int64_t feed_forward = 2 * s.width * s.hidden;
  const std::int64_t attention = 2 * s.length * s.width;  // of a row, all heads together
  const auto layers = static_cast<std::int64_t>(s.layers);
  return 2.0 * static_cast<double>(
                   rows * (layers * (projections + feed_forward + attention) + s.width * s.vocabulary));
}

/// Those of a training step: each product has two more in the backward pass, one for either operand. The
/// update is not counted.
constexpr double step_flops(const Shape& s) { return 3 * forward_flops(s); }

}  // namespace bench
