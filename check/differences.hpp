#pragma once

#include <ctgrad/graph/tree.hpp>

#include <cmath>
#include <limits>
#include <vector>

/// What derivatives are held against: differences.
namespace ctgrad::runtime {

/// Weights of the difference (sum of weight * f(x + offset * h)) / (60 h), of sixth order.
struct StencilPoint {
  int offset;
  double weight;
};
inline constexpr StencilPoint stencil[] = {{3, 1}, {2, -9}, {1, 45}, {-1, -45}, {-2, 9}, {-3, -1}};

/// eps^(1/7), where rounding and truncation balance.
inline const double stencil_spacing = std::pow(std::numeric_limits<double>::epsilon(), 1.0 / 7);

/// |a - b| relative to their mean magnitude, less what rounding alone may cause; where both magnitudes are
/// below the tolerance, their difference.
inline double relative_error(double a, double b, double tolerance, double rounding) {
  const double magnitude = 0.5 * (std::abs(a) + std::abs(b));
  const double difference = std::max(0.0, std::abs(a - b) - rounding);
  if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
  return std::abs(a) < tolerance && std::abs(b) < tolerance ? difference : difference / magnitude;
}

/// The arrays of a list of trees, in order.
template <class... Trees>
struct Leaves {
  struct Leaf {
    int argument;
    Kind kind;
    std::size_t size;
    std::string name;
  };
  static std::vector<Leaf> list() {
    std::vector<Leaf> leaves;
    int argument = 0;
    const auto append = [&]<class T>(std::type_identity<T>) {
      ++argument;
      T tree{};
      for_each_leaf(
          tree,
          [&](const auto& leaf, const std::string& path) {
            leaves.push_back(
                {argument, leaf.kind, static_cast<std::size_t>(leaf.size),
                 "argument " + std::to_string(argument) + (path.empty() ? "" : " (" + path + ")")});
          },
          "");
    };
    (append(std::type_identity<Trees>{}), ...);
    return leaves;
  }
};

using Vectors = std::vector<std::vector<double>>;

inline double inner_product(const Vectors& a, const Vectors& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) sum += a[i][j] * b[i][j];
  }
  return sum;
}

inline Vectors zeros_like(const Vectors& vectors) {
  Vectors zeros;
  for (const auto& vector : vectors) zeros.emplace_back(vector.size(), 0.0);
  return zeros;
}

/// The derivative at x along v of a function of vectors, by six points with spacing h. `rounding`: what its
/// own rounding may amount to.
template <class Function>
Vectors difference(const Function& function, const Vectors& x, const Vectors& v, double h, double& rounding) {
  Vectors sum;
  double magnitude = 0;
  for (const auto& [offset, weight] : stencil) {
    Vectors moved = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < x[i].size(); ++j) moved[i][j] += offset * h * v[i][j];
    }
    const Vectors y = function(moved);
    if (sum.empty()) sum = zeros_like(y);
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (std::size_t j = 0; j < y[i].size(); ++j) {
        sum[i][j] += weight / (60 * h) * y[i][j];
        magnitude = std::max(magnitude, std::abs(y[i][j]));
      }
    }
  }
  rounding = 16 * std::numeric_limits<double>::epsilon() * magnitude / h;
  return sum;
}

}  // namespace ctgrad::runtime
