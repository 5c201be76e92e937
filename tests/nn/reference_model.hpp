#pragma once

#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/keras_names.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// The models of the reference files, and how far numbers are from theirs.
namespace ctgrad::test {

template <Size Vocabulary, Size Length, Size Width, Size Hidden>
struct ReferenceModel {
  BOOST_HANA_DEFINE_STRUCT(ReferenceModel,
    (nn::Embedding<Vocabulary, Width>,         tokens),
    (nn::PositionEmbedding<Length, Width>,     positions),
    (nn::Encoder<2, Width, 2, Hidden>,         encoder),
    (nn::Linear<Width, Vocabulary>,            head));

  constexpr auto encoded(auto ids) const { return encoder(positions(tokens(ids))); }
  constexpr auto operator()(auto ids) const { return head(encoded(ids)); }
};

using ReferencePair = nn::Transformer<nn::TransformerShape{.source_vocabulary = 17,
                                                           .source_length = 10,
                                                           .target_vocabulary = 17,
                                                           .target_length = 8,
                                                           .width = 16,
                                                           .heads = 2,
                                                           .hidden = 32}>;

inline constexpr auto pair_loss = [](const auto& model, auto source, auto lengths, auto ids, auto targets,
                                     auto weights) {
  return cross_entropy(model(source, lengths, ids), targets, weights);
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

/// The largest difference; inf where there is one that is no number.
template <class Got, class Expected>
double largest_difference(const Got& got, const Expected& expected) {
  REQUIRE(got.size() == expected.size());
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double apart =
        std::abs(static_cast<double>(got.data()[i]) - static_cast<double>(expected.data()[i]));
    largest = std::max(largest, std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart);
  }
  return largest;
}

/// The largest difference as a share of the largest magnitude.
template <class Got, class Expected>
double error_of_largest(const Got& got, const Expected& expected) {
  const double difference = largest_difference(got, expected);
  double magnitude = 0;
  for (const double number : expected) magnitude = std::max(magnitude, std::abs(number));
  return magnitude == 0 ? difference : difference / magnitude;
}

/// The largest of the errors of all gradients of a model, each held against the bar. `encoder` is as in
/// `keras_name`.
template <class Gradients>
double check_gradients_in_double(const Gradients& gradients, const io::Safetensors& file, double bar,
                                 const char* encoder = "") {
  double largest = 0;
  for (const FlatEntry& entry : Gradients::entries()) {
    INFO(entry.name);
    const auto expected = file.read<double>("grad/" + keras_name(entry.name, encoder));
    const double error = largest_error(gradients.span(entry.name), expected, bar);
    CHECK(error < bar);
    largest = std::max(largest, error);
  }
  return largest;
}

/// The same as shares of the largest magnitude of each gradient. That of the bias of keys is 0: what is left
/// is noise, to be held against all gradients.
template <class Gradients>
double check_gradients_in_float(const Gradients& gradients, const io::Safetensors& file, double bar,
                                const char* encoder = "") {
  const auto expected = [&](const FlatEntry& entry) {
    return file.read<double>("grad/" + keras_name(entry.name, encoder));
  };
  double magnitude = 0;
  for (const FlatEntry& entry : Gradients::entries()) {
    for (const double number : expected(entry)) magnitude = std::max(magnitude, std::abs(number));
  }
  double largest = 0;
  for (const FlatEntry& entry : Gradients::entries()) {
    INFO(entry.name);
    const auto got = gradients.span(entry.name);
    const double error = entry.name.ends_with("attention.key.bias")
                             ? largest_difference(got, expected(entry)) / magnitude
                             : error_of_largest(got, expected(entry));
    CHECK(error < bar);
    largest = std::max(largest, error);
  }
  return largest;
}

}  // namespace ctgrad::test
