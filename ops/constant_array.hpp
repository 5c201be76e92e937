#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/ops/constant.hpp>

#include <array>
#include <concepts>
#include <limits>
#include <type_traits>

namespace ctgrad::ops {

/// A number of its own in every element. Attributes: where the numbers are, row by row.
struct ConstantArray {
  static constexpr auto name = "constant_array";
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr double sample_numbers[] = {1, 0, 2, 1, 0, 3, 0, 1, 2, 2, 1, 0};
  static constexpr Samples samples() {
    Samples samples;
    for (const Shape& shape : sample::shapes()) {
      for (const Kind kind : {Kind::real, Kind::index, Kind::mask}) {
        const int from = kind == Kind::mask ? 6 : 0;  // two truth values
        if (from > 0 && shape.size() > 2) continue;
        samples.accepted.push_back({{}, {.numbers = sample_numbers + from}, {kind, shape}});
      }
    }
    return samples;
  }

  template <class Call>
  static void run(const Pointers& p) {
    for (Size i = 0; i < Call::shape.size(); ++i)
      Call::result(p)[i] = static_cast<typename Call::Element>(Call::attributes.numbers[i]);
  }
};

/// `numbers` has one for every element, and is there for as long as the program.
constexpr Value constant_array(Graph& graph, const double* numbers, const Shape& shape,
                               Kind kind = Kind::real) {
  Attributes attributes;
  attributes.numbers = numbers;
  return {&graph, graph.add({&operation<ConstantArray>, {kind, shape}, attributes})};
}

/// What std::arrays in std::arrays hold: of which kind, of which shape, and row by row.
template <class T>
struct NumbersOf {
  static constexpr bool are_numbers = std::is_arithmetic_v<T>;
  static constexpr Kind kind = std::floating_point<T>  ? Kind::real
                               : std::same_as<T, bool> ? Kind::mask
                                                       : Kind::index;
  static constexpr Shape shape = {};

  static constexpr void append(T number, double*& to) { *to++ = static_cast<double>(number); }
  static constexpr bool fits(T number) {
    using Limits = std::numeric_limits<std::int32_t>;
    const auto exact = static_cast<double>(number);  // of numbers that fit
    return kind != Kind::index || (exact >= Limits::min() && exact <= Limits::max());
  }
};
template <class T, std::size_t N>
struct NumbersOf<std::array<T, N>> {
  using Inner = NumbersOf<T>;
  static constexpr bool are_numbers = Inner::are_numbers;
  static constexpr Kind kind = Inner::kind;
  static constexpr Shape shape = [] {
    Shape all = shape_of(N);
    for (int axis = 0; axis < Inner::shape.rank; ++axis) all.push_back(Inner::shape[axis]);
    return all;
  }();

  static constexpr void append(const std::array<T, N>& numbers, double*& to) {
    for (const T& inner : numbers) Inner::append(inner, to);
  }
  static constexpr bool fits(const std::array<T, N>& numbers) {
    for (const T& inner : numbers) {
      if (!Inner::fits(inner)) return false;
    }
    return true;
  }
};

template <class T>
concept ArrayOfNumbers = NumbersOf<T>::are_numbers && NumbersOf<T>::shape.rank > 0;

/// The numbers of an array, row by row; one array of them in a program.
template <auto Numbers>
inline constexpr auto row_major = [] {
  using All = NumbersOf<std::remove_cv_t<decltype(Numbers)>>;
  std::array<double, static_cast<std::size_t>(All::shape.size())> all{};
  double* to = all.data();
  All::append(Numbers, to);
  return all;
}();

/// Says whether so many numbers may stand in a program's text.
template <Size Count>
struct constant_array_of {
  static constexpr bool at_most_1024_numbers = Count <= 1024;
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// The numbers of a constexpr array, a std::array or one of std::arrays: of floating-point numbers a Tensor,
/// of integers an Index, of truth values a Mask.
///
///     constexpr std::array<std::array<float, 3>, 2> weights{{{1, 2, 3}, {4, 5, 6}}};
///     constexpr auto f = [](auto x) { return x * cg::constant<weights>(); };  // Tensor<2, 3>
///
/// At most 1024 of them: they are part of the program's text, which more of them make slow to compile.
template <ops::ArrayOfNumbers auto Numbers>
constexpr auto constant() {
  using All = ops::NumbersOf<std::remove_cv_t<decltype(Numbers)>>;
  static_assert(ops::constant_array_of<All::shape.size()>::at_most_1024_numbers,
                "constant: so many numbers belong into an input of the program, or into a parameter");
  static_assert(All::fits(Numbers), "constant: an integer is outside the 32 bits that an Index has");
  return array_of<All::kind, All::shape>{
      Literal{.form = Literal::Form::numbers, .numbers = ops::row_major<Numbers>.data()}};
}

}  // namespace ctgrad
