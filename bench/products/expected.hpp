#pragma once

#include "product.hpp"

#include <algorithm>

/// What the products of a linear layer reach where all goes well, in per cent of the peak: measured on one
/// core of a Zen 5 (48 KB and 1 MB of cache) with 512-bit vectors, kernels and peak in one run.
namespace bench {

/// Of Y = X W, dX = dY W^T and dW += X^T dY.
struct Percents {
  double output, input_cotangent, weight_cotangent;
};

inline constexpr std::array<Size, 8> expected_rows{16, 32, 100, 128, 512, 1024, 2048, 3200};

/// A weight [inputs, outputs], and the layer's products for each of the numbers of rows above.
struct ExpectedLayer {
  Size inputs, outputs;
  std::array<Percents, 8> by_rows;
};

// clang-format off
inline constexpr std::array<ExpectedLayer, 11> expected_layers{{
  {32, 32, {{{100, 72, 75}, {98, 83, 86}, {97, 92, 96}, {97, 93, 97}, {96, 95, 100}, {95, 96, 100}, {96, 97, 100}, {94, 96, 100}}}},
  {32, 64, {{{100, 72, 75}, {99, 84, 86}, {98, 93, 96}, {98, 94, 99}, {97, 97, 100}, {97, 98, 100}, {93, 98, 96}, {91, 98, 93}}}},
  {64, 32, {{{100, 71, 82}, {100, 83, 90}, {99, 91, 98}, {99, 93, 99}, {99, 95, 100}, {98, 95, 100}, {98, 96, 100}, {95, 94, 98}}}},
  {128, 128, {{{100, 72, 79}, {99, 84, 90}, {98, 95, 97}, {100, 96, 96}, {99, 99, 98}, {99, 99, 99}, {97, 99, 99}, {95, 99, 99}}}},
  {128, 512, {{{100, 66, 70}, {99, 80, 83}, {99, 93, 94}, {99, 94, 95}, {98, 97, 99}, {97, 96, 98}, {94, 96, 98}, {93, 98, 97}}}},
  {512, 128, {{{100, 73, 81}, {100, 84, 93}, {100, 94, 97}, {100, 96, 96}, {99, 98, 98}, {100, 99, 98}, {96, 98, 97}, {98, 97, 94}}}},
  {512, 512, {{{100, 65, 69}, {100, 79, 85}, {99, 92, 95}, {100, 94, 95}, {97, 97, 96}, {97, 97, 95}, {98, 98, 91}, {99, 98, 90}}}},
  {512, 2048, {{{87, 62, 52}, {97, 77, 68}, {96, 89, 88}, {96, 90, 86}, {95, 93, 95}, {97, 90, 95}, {97, 92, 93}, {98, 88, 93}}}},
  {2048, 512, {{{95, 65, 73}, {97, 77, 84}, {97, 92, 93}, {97, 93, 94}, {92, 94, 98}, {92, 97, 95}, {92, 99, 92}, {90, 98, 89}}}},
  {512, 8192, {{{56, 43, 23}, {70, 58, 33}, {88, 80, 85}, {89, 85, 88}, {95, 90, 94}, {96, 85, 92}, {98, 90, 91}, {99, 91, 93}}}},
  {32, 10000, {{{84, 62, 81}, {94, 74, 90}, {93, 91, 96}, {92, 93, 98}, {66, 87, 75}, {53, 78, 67}, {58, 80, 67}, {55, 72, 67}}}},
}};
// clang-format on

struct Expectation {
  double percent = 0;
  bool exact = false;  ///< the shape is in the table; if not, the nearest one's number is given
};

/// How far apart two extents are: 0 for equal ones, about 2 for twice as many.
constexpr double distance(Size a, Size b) {
  const double ratio = static_cast<double>(std::max(a, b)) / static_cast<double>(std::min(a, b));
  return ratio - 1 / ratio;
}

/// What a product should reach. Narrower vectors have more of a cache's bytes for each operation: up to 95
/// per cent they are expected to reach what wide ones do.
constexpr Expectation expected(const Product& product, int bits) {
  const auto [name, rows, inputs, outputs] = product.layer;
  std::size_t layer = 0;
  const auto layer_distance = [&](std::size_t i) {
    return distance(expected_layers[i].inputs, inputs) + distance(expected_layers[i].outputs, outputs);
  };
  for (std::size_t i = 1; i < expected_layers.size(); ++i) {
    if (layer_distance(i) < layer_distance(layer)) layer = i;
  }
  std::size_t row = 0;
  for (std::size_t i = 1; i < expected_rows.size(); ++i) {
    if (distance(expected_rows[i], rows) < distance(expected_rows[row], rows)) row = i;
  }
  const Percents& percents = expected_layers[layer].by_rows[row];
  double percent = percents.weight_cotangent;
  if (product.role == Role::output) percent = percents.output;
  if (product.role == Role::input_cotangent || product.role == Role::added_cotangent)
    percent = percents.input_cotangent;
  if (bits < 512) percent = std::min(percent, 95.0);
  return {percent, layer_distance(layer) == 0 && expected_rows[row] == rows};
}

}  // namespace bench
