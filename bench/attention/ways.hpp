#pragma once

#include <ctgrad/kernels/attention_backward.hpp>
#include <ctgrad/kernels/matmul.hpp>
#include <ctgrad/kernels/rows.hpp>

#include "contest.hpp"

#include <cmath>
#include <limits>

/// The two ways to compute an attention, compiled for one length and width.
namespace bench {

using ctgrad::Size;

/// By the kernel that keeps no scores.
template <Size Length, Size Width, bool Causal>
struct FusedAttention {
  static constexpr ctgrad::kernels::AttentionShape shape{Length, Length, Width, Width, Width, Width, Causal};

  static float scale() { return 1 / std::sqrt(static_cast<float>(Width)); }
  static ctgrad::kernels::AttentionMask<float> mask() {
    ctgrad::kernels::AttentionMask<float> mask;
    mask.fill = -std::numeric_limits<float>::infinity();
    return mask;
  }

  static void* make() { return nullptr; }
  static void drop(void*) {}

  static void forward(AttentionNumbers& x, void*) {
    for (Size h = 0; h < heads; ++h) {
      const Size at = h * Length * Width;
      ctgrad::kernels::attention<shape>(x.result.data() + at, x.log_sum_exp.data() + h * Length,
                                        x.q.data() + at, x.k.data() + at, x.v.data() + at, scale(), mask(),
                                        {});
    }
  }

  static void backward(AttentionNumbers& x, void*) {
    for (Size h = 0; h < heads; ++h) {
      const Size at = h * Length * Width;
      const ctgrad::kernels::AttentionResidual<float> residual{x.q.data() + at,
                                                               x.k.data() + at,
                                                               x.v.data() + at,
                                                               x.result.data() + at,
                                                               x.log_sum_exp.data() + h * Length,
                                                               x.cotangent.data() + at};
      ctgrad::kernels::attention_backward<shape>(x.dq.data() + at, x.dk.data() + at, x.dv.data() + at,
                                                 residual, scale(), mask(), {});
    }
  }
};

/// By products with all scores of a head, which are kept from the forward to the backward.
template <Size Length, Size Width, bool Causal>
struct PlainAttention {
  static constexpr ctgrad::kernels::MatmulShape scores_of{
      .rows = Length, .columns = Length, .inner = Width, .transpose_right = true};
  static constexpr ctgrad::kernels::MatmulShape weighted{.rows = Length, .columns = Width, .inner = Length};
  static constexpr ctgrad::kernels::MatmulShape back{
      .rows = Length, .columns = Width, .inner = Length, .transpose_left = true};

  struct Scores {
    Numbers weights{heads * Length * Length};
    Numbers slopes{Length * Length};
    Numbers room{static_cast<std::size_t>(
        2 * std::max({ctgrad::kernels::scratch_count(scores_of), ctgrad::kernels::scratch_count(weighted),
                      ctgrad::kernels::scratch_count(back), Size{1}}))};
  };
  static void* make() { return new Scores; }
  static void drop(void* kept) { delete static_cast<Scores*>(kept); }

  template <ctgrad::kernels::MatmulShape S>
  static void multiply(float* c, const float* a, const float* b, Scores& kept) {
    ctgrad::kernels::matmul<S>(c, a, b, reinterpret_cast<double*>(kept.room.data()));
  }

  static void forward(AttentionNumbers& x, void* kept) {
    auto& scores = *static_cast<Scores*>(kept);
    const float scale = FusedAttention<Length, Width, Causal>::scale();
    for (Size h = 0; h < heads; ++h) {
      const Size at = h * Length * Width;
      float* weights = scores.weights.data() + h * Length * Length;
      multiply<scores_of>(weights, x.q.data() + at, x.k.data() + at, scores);
      for (Size t = 0; t < Length; ++t) {
        float* row = weights + t * Length;
        for (Size s = 0; s < Length; ++s) row[s] *= scale;
        for (Size s = t + 1; Causal && s < Length; ++s) row[s] = -std::numeric_limits<float>::infinity();
        ctgrad::kernels::softmax_row<Length>(row, row);
      }
      multiply<weighted>(x.result.data() + at, weights, x.v.data() + at, scores);
    }
  }

  static void backward(AttentionNumbers& x, void* kept) {
    auto& scores = *static_cast<Scores*>(kept);
    const float scale = FusedAttention<Length, Width, Causal>::scale();
    float* slopes = scores.slopes.data();
    for (Size h = 0; h < heads; ++h) {
      const Size at = h * Length * Width;
      const float* weights = scores.weights.data() + h * Length * Length;
      multiply<scores_of>(slopes, x.cotangent.data() + at, x.v.data() + at, scores);
      for (Size t = 0; t < Length; ++t) slopes_of_row(slopes + t * Length, weights + t * Length, scale);
      multiply<back>(x.dv.data() + at, weights, x.cotangent.data() + at, scores);
      multiply<weighted>(x.dq.data() + at, slopes, x.k.data() + at, scores);
      multiply<back>(x.dk.data() + at, slopes, x.q.data() + at, scores);
    }
  }

 private:
  /// slopes = scale weights (slopes - <slopes, weights>)
  static void slopes_of_row(float* __restrict slopes, const float* weights, float scale) {
    constexpr Size lanes = 16;
    float sums[lanes] = {};
    for (Size s = 0; s < Length; ++s) sums[s % lanes] += slopes[s] * weights[s];
    float dot = 0;
    for (const float sum : sums) dot += sum;
    for (Size s = 0; s < Length; ++s) slopes[s] = scale * weights[s] * (slopes[s] - dot);
  }
};

template <class Way>
constexpr AttentionWay way_of() {
  return {Way::make, Way::drop, Way::forward, Way::backward};
}

template <Size Length, Size Width, bool Causal>
constexpr AttentionCase attention_case() {
  return {Length, Width, Causal, way_of<FusedAttention<Length, Width, Causal>>(),
          way_of<PlainAttention<Length, Width, Causal>>()};
}

/// All lengths, causal and not.
template <Size Width>
std::span<const AttentionCase> attention_cases() {
  static constexpr AttentionCase cases[] = {
      attention_case<16, Width, false>(),   attention_case<16, Width, true>(),
      attention_case<100, Width, false>(),  attention_case<100, Width, true>(),
      attention_case<128, Width, false>(),  attention_case<128, Width, true>(),
      attention_case<512, Width, false>(),  attention_case<512, Width, true>(),
      attention_case<1024, Width, false>(), attention_case<1024, Width, true>(),
      attention_case<2048, Width, false>(), attention_case<2048, Width, true>()};
  return cases;
}

}  // namespace bench
