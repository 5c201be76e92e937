#pragma once

#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/keras_names.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// The encoder of the reference files, and how far numbers are from theirs.
namespace ctgrad::test {

template <Size Kinds, Size Length, Size Width, Size Hidden>
struct ReferenceModel {
  BOOST_HANA_DEFINE_STRUCT(ReferenceModel,
    (nn::Embedding<Kinds, Width>,             tokens),
    (nn::PositionEmbedding<Length, Width>,    positions),
    (nn::Encoder<2, Width, 2, Hidden>,        encoder),
    (nn::Linear<Width, Kinds>,                head));

  constexpr auto encoded(auto ids) const { return encoder(positions(tokens(ids))); }
  constexpr auto operator()(auto ids) const { return head(encoded(ids)); }
};

inline constexpr auto reference_loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(model(ids), targets);
};

inline io::Safetensors reference(const char* file) {
  return io::read_safetensors(std::string(CTGRAD_REFERENCE_DIR) + "/" + file);
}

/// The largest relative error, |a - b| / (0.5 (|a| + |b|)), or |a - b| where both magnitudes are below the
/// tolerance.
template <class Got, class Expected>
double largest_error(const Got& got, const Expected& expected, double tolerance) {
  REQUIRE(got.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double a = static_cast<double>(got.data()[i]);
    const double b = expected.data()[i];
    const bool small = std::abs(a) < tolerance && std::abs(b) < tolerance;
    const double error = small ? std::abs(a - b) : std::abs(a - b) / (0.5 * (std::abs(a) + std::abs(b)));
    largest = std::max(largest, std::isnan(error) ? std::numeric_limits<double>::infinity() : error);
  }
  return largest;
}

/// The largest difference as a share of the largest magnitude.
template <class Got, class Expected>
double error_of_largest(const Got& got, const Expected& expected) {
  REQUIRE(got.size() == expected.size());
  double difference = 0;
  double magnitude = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double apart = std::abs(static_cast<double>(got.data()[i]) - expected.data()[i]);
    difference = std::max(difference, std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart);
    magnitude = std::max(magnitude, std::abs(expected.data()[i]));
  }
  return magnitude == 0 ? difference : difference / magnitude;
}

}  // namespace ctgrad::test
