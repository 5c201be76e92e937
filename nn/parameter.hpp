#pragma once

#include <ctgrad/graph/tensor.hpp>

#include <cmath>
#include <concepts>
#include <type_traits>

/// Parameters of models: tensors that know how they begin.
namespace ctgrad {

/// Says whether a template argument can begin a parameter.
template <auto Initializer>
struct initializer {
  static constexpr bool is_an_object_that_draws_numbers = std::is_class_v<decltype(Initializer)>;
};

/// A tensor of a model that training changes. The initialiser is declared with it: a value with a member
/// `draw(random, shape)` that gives the next element.
template <auto Initializer, Size... Extents>
struct Parameter : Tensor<Extents...> {
  static_assert(ctgrad::initializer<Initializer>::is_an_object_that_draws_numbers,
                "Parameter<initializer, extents...>: an initializer comes first, as in "
                "Parameter<init::glorot_uniform, 3, 4>");
  static constexpr auto initializer = Initializer;
};

namespace init {

struct Zeros {
  template <class Random>
  double draw(Random&, const Shape&) const {
    return 0;
  }
};

struct Ones {
  template <class Random>
  double draw(Random&, const Shape&) const {
    return 1;
  }
};

/// Uniform in [-limit, limit), limit = sqrt(6 / (inputs + outputs)), for a weight [..., inputs, outputs].
/// Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
/// 2010.
struct GlorotUniform {
  template <class Random>
  double draw(Random& random, const Shape& shape) const {
    const double inputs = shape.rank < 2 ? 1 : static_cast<double>(shape[shape.rank - 2]);
    const double outputs = shape.rank < 1 ? 1 : static_cast<double>(shape.last());
    return std::sqrt(6 / (inputs + outputs)) * (2 * random.uniform() - 1);
  }
};

/// Uniform in [-limit, limit).
struct Uniform {
  double limit = 0.05;
  template <class Random>
  double draw(Random& random, const Shape&) const {
    return limit * (2 * random.uniform() - 1);
  }
};

/// Normal with mean 0.
struct Normal {
  double deviation = 0.02;
  template <class Random>
  double draw(Random& random, const Shape&) const {
    return deviation * random.normal();
  }
};

inline constexpr Zeros zeros{};
inline constexpr Ones ones{};
inline constexpr GlorotUniform glorot_uniform{};

}  // namespace init
}  // namespace ctgrad
