#include "contest.hpp"

#include <ctgrad/runtime/pages.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace bench {

namespace {

constexpr double shortest_sample = 200e-6;  // seconds: shorter products are repeated
constexpr double shortest_contest = .2;     // seconds, of the library's samples together
constexpr std::size_t fewest_samples = 7;

/// Floats where a program's arena would have them.
class Matrix {
 public:
  explicit Matrix(Size count) : count_(count), memory_(static_cast<std::size_t>(count) * sizeof(float)) {}
  float* data() const { return reinterpret_cast<float*>(memory_.data()); }
  void clear() const { std::fill_n(data(), count_, 0.F); }
  /// Fills it with numbers from -1/2 to 1/2, always the same ones.
  void draw() const {
    std::uint32_t state = 1;
    for (Size i = 0; i < count_; ++i) {
      state = state * 1664525 + 1013904223;
      data()[i] = static_cast<float>(state >> 8) / 16777216.F - .5F;
    }
  }

 private:
  Size count_;
  ctgrad::runtime::Pages memory_;
};

/// The operands of a product, and its contestants.
class Contest {
 public:
  Contest(const Product& product, const std::vector<Peer>& peers)
      : product_(product),
        a_(product.shape.rows * product.shape.inner),
        b_(product.shape.inner * product.shape.columns),
        c_(product.shape.rows * product.shape.columns),
        totals_(static_cast<std::size_t>(ctgrad::kernels::scratch_count(product.shape))) {
    a_.draw();
    b_.draw();
    runs_.emplace_back([this] { product_.run(c_.data(), a_.data(), b_.data(), totals_.data()); });
    for (const Peer& peer : peers) {
      runs_.emplace_back();
      if (peer.multiply == nullptr) continue;
      runs_.back() = [this, multiply = peer.multiply] {
        multiply(product_.shape, c_.data(), a_.data(), b_.data());
      };
    }
  }

  std::size_t size() const { return runs_.size(); }
  bool takes_part(std::size_t i) const { return runs_[i] != nullptr; }

  /// The seconds that contestant i takes for one product, the mean of so many.
  double time(std::size_t i, std::size_t repetitions) const {
    const double begin = cpu_seconds();
    for (std::size_t repetition = 0; repetition < repetitions; ++repetition) runs_[i]();
    return (cpu_seconds() - begin) / static_cast<double>(repetitions);
  }

  /// Whether contestant i gives the product, at 200 of its elements.
  bool is_right(std::size_t i) const {
    const MatmulShape& s = product_.shape;
    c_.clear();
    runs_[i]();
    for (Size sample = 0; sample < 200; ++sample) {
      const Size row = sample * 7919 % s.rows;
      const Size column = sample * 104729 % s.columns;
      double sum = 0;
      for (Size k = 0; k < s.inner; ++k) {
        const float left = a_.data()[s.transpose_left ? k * s.rows + row : row * s.inner + k];
        const float right = b_.data()[s.transpose_right ? column * s.inner + k : k * s.columns + column];
        sum += static_cast<double>(left) * static_cast<double>(right);
      }
      if (!(std::abs(sum - static_cast<double>(c_.data()[row * s.columns + column])) <= 1e-3)) return false;
    }
    return true;
  }

 private:
  const Product& product_;
  Matrix a_, b_, c_;
  mutable std::vector<double> totals_;
  std::vector<std::function<void()>>
      runs_;  ///< the library's, then the peers'; empty for one that is missing
};

}  // namespace

ContestResult contest(Stopwatch& watch, const Product& product, const std::vector<Peer>& peers) {
  const Contest contest(product, peers);
  ContestResult result;
  std::vector<Samples> samples(contest.size());
  std::vector<std::size_t> repetitions(contest.size());
  for (std::size_t i = 0; i < contest.size(); ++i) {
    if (!contest.takes_part(i)) continue;
    if (!contest.is_right(i))
      result.wrong += " " + (i == 0 ? std::string("this library") : peers[i - 1].name);
    repetitions[i] = static_cast<std::size_t>(shortest_sample / std::max(contest.time(i, 1), 1e-7)) + 1;
  }
  const double begin = cpu_seconds();
  while (samples[0].count() < fewest_samples ||
         cpu_seconds() - begin < shortest_contest * static_cast<double>(contest.size())) {
    for (std::size_t i = 0; i < contest.size(); ++i) {
      if (contest.takes_part(i)) watch.sample(samples[i], [&] { return contest.time(i, repetitions[i]); });
    }
  }
  for (std::size_t i = 0; i < contest.size(); ++i) {
    const Timing timing = contest.takes_part(i) ? samples[i].timing(product.flops(), .25) : Timing{};
    if (i == 0) {
      result.own = timing;
    } else {
      result.peers.push_back(timing);
    }
  }
  return result;
}

}  // namespace bench
