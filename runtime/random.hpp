// Our own random numbers: a counter-based generator and the distributions drawn from it.
#pragma once

#include <ctgrad/kernels/philox.hpp>

#include <bit>
#include <cmath>

namespace ctgrad {

/// What a run's random numbers follow from: the same seed gives the same bits.
struct Seed {
  std::uint64_t value;
};

/// ln(odd / 2^53) for an odd number below 2^53, so of the open interval (0, 1); relative error below 4e-16.
///
/// Made of sums, quotients and products that feed no sum, hence neither another mathematical library nor the
/// fusing of a product into a sum changes a bit. Continued fraction of artanh: Abramowitz and Stegun 4.6.36.
constexpr double log_of_fraction(std::uint64_t odd) {
  const int exponent = static_cast<int>(std::bit_width(odd)) - 53;
  const double mantissa = static_cast<double>(odd << -exponent) / 0x1p53;  // in [1/2, 1)
  const bool small = mantissa < 0x1.6a09e667f3bcdp-1;                      // square root of 1/2
  const double reduced = small ? mantissa * 2 : mantissa;
  const double ratio = (reduced - 1) / (reduced + 1);
  const double square = ratio * ratio;
  double fraction = 15;
  for (int k = 7; k > 0; --k) fraction = (2 * k - 1) - (k * k * square) / fraction;
  constexpr double log2_of_e = 0x1.71547652b82fep+0;
  return (small ? exponent - 1 : exponent) / log2_of_e + 2 * ratio / fraction;
}

/// cos(angle) for an angle of the open interval (0, pi/2), error below 3e-16; reproducible as log_of_fraction
/// is. With t = tan(angle/2), cos(angle) = (1/t - t) / (1/t + t). Continued fraction of the tangent: Lambert,
/// 1761.
constexpr double cosine_of_acute(double angle) {
  const double half = angle / 2;
  const double square = half * half;
  double fraction = 21;
  for (int k = 10; k > 0; --k) fraction = (2 * k - 1) - square / fraction;
  const double tangent = half / fraction;
  return (1 / tangent - tangent) / (1 / tangent + tangent);
}

/// A stream of random numbers, one of 2^64 of its seed. Word n of a stream is a pure function of
/// (seed, stream, n), so that any position of it can be reached at once, by any thread, in any order. Every
/// distribution is written here, in operations whose results IEEE 754 fixes: equal bits from every standard
/// library and compiler.
class Random {
 public:
  constexpr explicit Random(Seed seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  /// Word number `position` of this stream; the stream stays where it is.
  constexpr std::uint32_t at(std::uint64_t position) const { return block(position / 4)[position % 4]; }

  /// How many words have been drawn or skipped.
  constexpr std::uint64_t position() const { return position_; }

  /// Passes over `words` words. A draw takes: bits 1, uniform 2, normal 4, below 1 or (rarely) more.
  constexpr void skip(std::uint64_t words) {
    position_ += words;
    block_ = block(position_ / 4);
  }

  /// 32 random bits.
  constexpr std::uint32_t bits() {
    const std::uint64_t word = position_ % 4;
    if (word == 0) block_ = block(position_ / 4);
    ++position_;
    return block_[word];
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  constexpr double uniform() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }

  /// Uniform in {0, ..., n-1}, without bias. Throws std::invalid_argument where n is 0.
  /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019.
  constexpr std::uint32_t below(std::uint32_t n) {
    if (n == 0) throw std::invalid_argument("Random::below: n: expected at least 1, got 0");
    std::uint64_t product = std::uint64_t{bits()} * n;
    if (static_cast<std::uint32_t>(product) < n) {
      const std::uint32_t excess = (0u - n) % n;  // 2^32 mod n words are too many
      while (static_cast<std::uint32_t>(product) < excess) product = std::uint64_t{bits()} * n;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

  /// Normal with mean 0 and standard deviation 1; always four words, of magnitude below 8.6.
  /// Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
  double normal() {
    const std::uint64_t radius = bits64();
    const std::uint64_t direction = bits64();
    const double distance = std::sqrt(-2 * log_of_fraction((radius >> 11) | 1));
    const double turn = static_cast<double>((direction >> 11) | 1) * 0x1p-53;
    const double projection = cosine_of_acute(turn * 0x1.921fb54442d18p+0);  // turn * pi/2
    return (direction & 1) != 0 ? -(distance * projection) : distance * projection;
  }

 private:
  constexpr std::array<std::uint32_t, 4> block(std::uint64_t number) const {
    return philox4x32(
        {static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32),
         static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
        {static_cast<std::uint32_t>(seed_.value), static_cast<std::uint32_t>(seed_.value >> 32)});
  }

  constexpr std::uint64_t bits64() {
    const std::uint64_t low = bits();
    return low | (std::uint64_t{bits()} << 32);
  }

  Seed seed_;
  std::uint64_t stream_;
  std::uint64_t position_ = 0;
  std::array<std::uint32_t, 4> block_{};
};

}  // namespace ctgrad
