#pragma once

#include <ctgrad/kernels/attention_backward.hpp>

#include <cmath>
#include <random>
#include <vector>

/// Attention one query and one key after the other.
namespace ctgrad::test {

using kernels::AttentionDropout;
using kernels::AttentionMask;
using kernels::AttentionShape;

/// The operands of an attention of shape S, all that it computes, and what lies between the rows.
template <class T>
struct AttentionArrays {
  std::vector<T> q, k, v, cotangent, result, log_sum_exp, dq, dk, dv;

  explicit AttentionArrays(const AttentionShape& s)
      : q(count(s.queries, s.row)),
        k(count(s.keys, s.row)),
        v(count(s.keys, s.value_row)),
        cotangent(count(s.queries, s.value_row)),
        result(cotangent),
        log_sum_exp(count(s.queries, 1)),
        dq(q),
        dk(k),
        dv(v) {}

  static std::size_t count(Size rows, Size row) { return static_cast<std::size_t>(rows * row); }
};

/// Runs the kernels over the operands.
template <AttentionShape S, class T>
void run(AttentionArrays<T>& x, T scale, const AttentionMask<T>& mask, const AttentionDropout& dropout) {
  kernels::attention<S>(x.result.data(), x.log_sum_exp.data(), x.q.data(), x.k.data(), x.v.data(), scale,
                        mask, dropout);
  const kernels::AttentionResidual<T> residual{x.q.data(),      x.k.data(),           x.v.data(),
                                               x.result.data(), x.log_sum_exp.data(), x.cotangent.data()};
  kernels::attention_backward<S>(x.dq.data(), x.dk.data(), x.dv.data(), residual, scale, mask, dropout);
}

/// What the kernels should give: with their order of sums and their exponentials, bit by bit, or what is
/// true.
template <AttentionShape S, bool Exact, class T>
class AttentionReference {
 public:
  AttentionReference(AttentionArrays<T>& x, T scale, const AttentionMask<T>& mask,
                     const AttentionDropout& dropout)
      : x_(x), scale_(scale), mask_(mask), dropout_(dropout) {}

  void run() {
    fill(x_.dk, S.keys, S.width, S.row);
    fill(x_.dv, S.keys, S.value_width, S.value_row);
    fill(x_.dq, S.queries, S.width, S.row);
    for (Size t = 0; t < S.queries; ++t) {
      forward(t);
      backward(t);
    }
  }

 private:
  static void fill(std::vector<T>& x, Size rows, Size width, Size row) {
    for (Size r = 0; r < rows; ++r) std::fill_n(x.data() + r * row, width, T{0});
  }
  static T exp(T x) {
    if constexpr (!Exact) return std::exp(x);
    using Vector = kernels::Lanes<T, 16 / Size{sizeof(T)}>;
    T lanes[16 / sizeof(T)];
    kernels::exp_nonpositive(Vector::filled(x)).store(lanes);
    return lanes[0];
  }

  /// a b + sum over the elements of two rows.
  static T dot(const T* a, const T* b, Size width, T factor) {
    T sum = 0;
    for (Size c = 0; c < width; ++c) sum = kernels::fused(a[c], b[c] * factor, sum);
    return sum;
  }

  /// In 16 lanes, whose sums are added up as a tree.
  static T dot_by_lanes(const T* a, const T* b, Size width) {
    T lanes[16] = {};
    for (Size c = 0; c < width; ++c) lanes[c % 16] = kernels::fused(a[c], b[c], lanes[c % 16]);
    for (Size count = 8; count > 0; count /= 2) {
      for (Size i = 0; i < count; ++i) lanes[i] += lanes[i + count];
    }
    return lanes[0];
  }

  bool is_left_out(Size t, Size s) const {
    const bool masked = S.masked && mask_.mask[t * mask_.mask_row + s * mask_.mask_column] == mask_.excluded;
    return masked || (S.causal && s > t);
  }

  T score(Size t, Size s) const {
    if (is_left_out(t, s)) return mask_.fill;
    T score = dot(x_.k.data() + s * S.row, x_.q.data() + t * S.row, S.width, scale_);
    if (S.biased) score += mask_.bias[t * mask_.bias_row + s * mask_.bias_column];
    return score;
  }

  bool is_kept(Size t, Size s) const {
    if (S.threshold == 0) return true;
    const auto query = static_cast<std::uint32_t>(t);
    const auto words =
        philox4x32({static_cast<std::uint32_t>(s / 4), dropout_.row + query * dropout_.row_stride,
                    dropout_.sample + query * dropout_.sample_stride, dropout_.stream},
                   dropout_.key);
    return words[static_cast<std::size_t>(s % 4)] >= S.threshold;
  }

  static constexpr T infinity = std::numeric_limits<T>::infinity();
  static constexpr bool many = S.keys > kernels::many_keys;
  using Total = std::conditional_t<many, double, T>;

  void forward(Size t) {
    T maximum = -infinity;
    Total sum = 0;
    std::vector<Total> totals(static_cast<std::size_t>(S.value_width));
    for (Size first = 0; first < S.keys; first += kernels::key_block) {
      const Size keys = std::min(kernels::key_block, S.keys - first);
      std::vector<T> scores;
      T next = maximum;
      for (Size s = 0; s < keys; ++s) {
        scores.push_back(score(t, first + s));
        next = next > scores.back() ? next : scores.back();
      }
      const T shift = next == -infinity ? 0 : next;
      const Total decay = static_cast<Total>(exp(maximum - shift));
      maximum = next;
      T found = 0;
      for (T& weight : scores) found += weight = exp(weight - shift);
      sum = sum * decay + static_cast<Total>(found);
      for (Size c = 0; c < S.value_width; ++c)
        add_values(totals[static_cast<std::size_t>(c)], decay, scores, t, first, c);
    }
    const T factor = sum == 0 ? 0 : static_cast<T>(1 / sum);
    for (Size c = 0; c < S.value_width; ++c) {
      x_.result[static_cast<std::size_t>(t * S.value_row + c)] =
          static_cast<T>(totals[static_cast<std::size_t>(c)]) * factor;
    }
    const T log = sum == 0 ? T{0} : kernels::log(static_cast<T>(sum));
    x_.log_sum_exp[static_cast<std::size_t>(t)] = maximum + log;
  }

  /// total = total decay + the weights times column c of the values.
  void add_values(Total& total, Total decay, const std::vector<T>& weights, Size t, Size first,
                  Size c) const {
    T sum = many ? T{0} : static_cast<T>(total * decay);
    for (Size s = 0; s < static_cast<Size>(weights.size()); ++s) {
      const T weight = is_kept(t, first + s) ? weights[static_cast<std::size_t>(s)] : 0;
      sum = kernels::fused(weight, x_.v[static_cast<std::size_t>((first + s) * S.value_row + c)], sum);
    }
    total = many ? total * decay + static_cast<Total>(sum) : static_cast<Total>(sum);
  }

  void backward(Size t) {
    const T* cotangent = x_.cotangent.data() + t * S.value_row;
    const T log = x_.log_sum_exp[static_cast<std::size_t>(t)];
    const T shift = log == -infinity ? infinity : log;
    const T along = dot_by_lanes(x_.result.data() + t * S.value_row, cotangent, S.value_width);
    for (Size s = 0; s < S.keys; ++s) {
      const T weight = exp(score(t, s) - shift);
      const bool kept = is_kept(t, s);
      const T back = dot(x_.v.data() + s * S.value_row, cotangent, S.value_width, 1);
      T slope = ((kept ? back : 0) - along) * weight * scale_;
      if (weight == 0 || is_left_out(t, s)) slope = 0;
      add(x_.dv.data() + s * S.value_row, kept ? weight : 0, cotangent, S.value_width);
      add(x_.dk.data() + s * S.row, slope, x_.q.data() + t * S.row, S.width);
      add(x_.dq.data() + t * S.row, slope, x_.k.data() + s * S.row, S.width);
    }
  }

  static void add(T* sums, T factor, const T* x, Size width) {
    for (Size c = 0; c < width; ++c) sums[c] = kernels::fused(factor, x[c], sums[c]);
  }

  AttentionArrays<T>& x_;
  T scale_;
  const AttentionMask<T>& mask_;
  const AttentionDropout& dropout_;
};

}  // namespace ctgrad::test
