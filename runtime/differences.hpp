#pragma once

#include <ctgrad/runtime/program.hpp>

#include <cmath>
#include <limits>

/// What derivatives are held against: differences, and the programs of both modes.
namespace ctgrad::runtime {

/// Weights of the difference (sum of weight * f(x + offset * h)) / (60 h), of sixth order.
struct StencilPoint {
  int offset;
  double weight;
};
inline constexpr StencilPoint stencil[] = {{3, 1}, {2, -9}, {1, 45}, {-1, -45}, {-2, 9}, {-3, -1}};

/// eps^(1/7), where rounding and truncation balance.
inline const double stencil_step = std::pow(std::numeric_limits<double>::epsilon(), 1.0 / 7);

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

/// The tags of a function's jvp and vjp on all of its real arguments.
template <auto Function, class... Arguments>
struct DerivativeTags {
  using Result = typename Trace<Function, Arguments...>::Result;
  using Value = Trace<Function, Arguments...>;
  using Reverse = Trace<vjp(Function), Arguments..., Result>;

  template <class... Tangents>
  static Trace<jvp(Function), Arguments..., Tangents...> forward(std::tuple<Tangents...>);
  template <class T>
  static auto if_real() {
    if constexpr (autodiff::real_leaves<T>() > 0) {
      return std::tuple<T>{};
    } else {
      return std::tuple<>{};
    }
  }
  using Forward = decltype(forward(std::tuple_cat(if_real<Arguments>()...)));
};

using Vectors = std::vector<std::vector<double>>;

inline double inner_product(const Vectors& a, const Vectors& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) sum += a[i][j] * b[i][j];
  }
  return sum;
}

}  // namespace ctgrad::runtime
