#pragma once

#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cmath>
#include <span>
#include <string>

/// Layers of width 4 with 2 heads and 16 hidden whose parameters are cosines, as in a peer's own test, which
/// tells what they give with truncated digits.
namespace ctgrad::test {

inline constexpr double golden_bar = 2e-6;

template <nn::Activation A>
inline constexpr nn::TransformerOptions golden_options{.activation = A, .epsilon = {1e-5}};

/// A weight [inputs, outputs] from rows `first`... of the peer's [outputs, inputs] matrix, which holds
/// cos(0), cos(1), ... in row-major order.
inline void fill_with_cosines(std::span<double> weight, std::size_t inputs, std::size_t first) {
  const std::size_t outputs = weight.size() / inputs;
  for (std::size_t in = 0; in < inputs; ++in) {
    for (std::size_t out = 0; out < outputs; ++out)
      weight[in * outputs + out] = std::cos(static_cast<double>((first + out) * inputs + in));
  }
}

/// Parameters of a layer. The peer has the projections of query, key and value in one matrix and one bias.
template <class Layer>
Parameters<Layer, double> cosines() {
  Parameters<Layer, double> parameters{Seed{1}};
  for (const FlatEntry& entry : parameters.entries()) {
    const auto is_of = [&](const char* part) { return entry.name.find(part) != std::string::npos; };
    const std::size_t first = is_of("attention.key") ? 4 : is_of("attention.value") ? 8 : 0;
    const std::size_t inputs = entry.shape.rank == 2 ? static_cast<std::size_t>(entry.shape[0]) : 1;
    fill_with_cosines(parameters.span(entry.name), inputs, first);
  }
  return parameters;
}

/// The largest difference of a row of sequence `sequence` from what is expected.
template <class Output>
double difference(const Output& output, std::size_t sequence, std::size_t row,
                  const std::array<double, 4>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < 4; ++i)
    largest = std::max(largest, std::abs(output(sequence, row, i) - expected[i]));
  return largest;
}

/// Holds differences against the bar and gives the largest.
inline double check_golden(std::span<const double> differences) {
  double largest = 0;
  for (const double apart : differences) {
    CHECK(apart < golden_bar);
    largest = std::max(largest, apart);
  }
  return largest;
}

}  // namespace ctgrad::test
