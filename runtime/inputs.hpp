#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/runtime/array_pointers.hpp>
#include <ctgrad/runtime/dense.hpp>
#include <ctgrad/runtime/executable.hpp>
#include <ctgrad/runtime/parameters.hpp>
#include <ctgrad/runtime/random.hpp>

#include <cmath>
#include <concepts>
#include <limits>
#include <utility>
#include <vector>

/// What a program takes: each argument is held against its tree type before anything runs. An array must be
/// dense and row-major, also where it is a view of another, and is read where it lies; only ids of another
/// integer type than std::int32_t are copied. A number must be one that the element's type can hold.
namespace ctgrad::runtime {

/// What may stand for an array of rank 0: any number for a real one, an integer for an index, a bool for a
/// mask.
template <class Number, Kind K>
concept NumberFor = (K == Kind::real && std::is_arithmetic_v<Number>) ||
                    (K == Kind::index && std::is_integral_v<Number> && !std::is_same_v<Number, bool>) ||
                    (K == Kind::mask && std::is_same_v<Number, bool>);

template <class T, class... Others>
concept NoneOf = (!std::same_as<T, Others> && ...);

/// An integer type whose numbers may be ids; bool and characters are none.
template <class T>
concept IdNumber = std::integral<T> && NoneOf<T, bool, char, wchar_t, char8_t, char16_t, char32_t>;

/// Arrays of ids as std::int32_t, by the number of the input; made when they are needed first, then kept.
using NarrowedIds = std::vector<std::vector<std::int32_t>>;

/// What an integer must be that stands for an element of an Index.
template <class Integer>
std::string not_an_index(const std::string& operand, Integer number) {
  using Limits = std::numeric_limits<std::int32_t>;
  return operand + ": expected an integer from " + std::to_string(Limits::min()) + " to " +
         std::to_string(Limits::max()) + ", got " + std::to_string(number);
}

/// A number as an element of an Index. Throws std::out_of_range, naming the argument, if it cannot be one.
template <class Integer>
std::int32_t to_index(Integer number, int position) {
  if (!std::in_range<std::int32_t>(number))
    throw std::out_of_range(not_an_index("argument " + std::to_string(position), number));
  return static_cast<std::int32_t>(number);
}

/// A number as an element of a Tensor, rounded where it lies between two; infinities and NaN stay what they
/// are. Throws std::out_of_range, naming the argument, if it is finite and beyond the largest of Scalar.
template <class Scalar, class Number>
Scalar to_real(Number number, int position) {
  if constexpr (std::numeric_limits<Number>::max_exponent > std::numeric_limits<Scalar>::max_exponent) {
    constexpr Scalar largest = std::numeric_limits<Scalar>::max();
    if (std::isfinite(number) && std::abs(number) > static_cast<Number>(largest)) {
      throw std::out_of_range("argument " + std::to_string(position) + ": expected a number of at most " +
                              text::shortest(largest) + " in magnitude, got " + text::shortest(number));
    }
  }
  return static_cast<Scalar>(number);
}

/// What a program takes for an argument of tree type Expected, and what it got: the conditions of
/// static_asserts.
template <class Expected, class Got>
struct program_argument {
  static constexpr bool is_a_key =
      !std::is_same_v<Expected, Index<4>> || !(std::is_arithmetic_v<Got> || std::is_same_v<Got, Seed>);
  static constexpr bool is_an_array_in_memory = InMemory<Got> && requires(const Got& got) {
    typename Got::value_type;
    got.shape().size();
    got.shape()[0];
  };
  template <class Element>
  static constexpr bool has_elements_of =
      std::is_same_v<typename Got::value_type, Element> ||
      (std::is_same_v<Element, std::int32_t> && IdNumber<typename Got::value_type>);
  static constexpr bool is_the_parameters_of_the_model = FlatTree<Got> || ScatteredTree<Got>;
  static constexpr bool is_a_std_tuple_or_array_of_as_many_parts = [] {
    if constexpr (requires { std::tuple_size<Got>::value; }) {
      return std::tuple_size<Got>::value == std::tuple_size<Expected>::value;
    } else {
      return false;
    }
  }();
};

/// Gathers the pointers to the arrays of all arguments.
template <class Scalar, std::size_t Count>
class InputList {
 public:
  InputList() = default;
  /// Narrows ids in memory that lasts longer than the list.
  explicit InputList(NarrowedIds& narrowed) : narrowed_(&narrowed) {}

  const void* const* data() const { return pointers_.data(); }

  /// Argument number `position` (from 1), of tree type T. Throws, naming it, std::invalid_argument if its
  /// shape is not the type's or its elements do not lie densely in row-major order, and std::out_of_range if
  /// it is a number beyond what an element holds.
  template <class T, class Argument>
  void add(const Argument& argument, int position) {
    if constexpr (ArrayLike<T>) {
      if constexpr (T::rank == 0) {
        static_assert(NumberFor<Argument, T::kind>,
                      "an argument of rank 0 is a number (Tensor), an integer (Index) or a bool (Mask)");
        if constexpr (NumberFor<Argument, T::kind>) add_scalar<T>(argument, position);
      } else {
        using Given = program_argument<T, Argument>;
        static_assert(
            Given::is_a_key,
            "a program's argument for a Key (or another Index<4>) is no number: random_key(seed, step)");
        static_assert(!Given::is_a_key || Given::is_an_array_in_memory,
                      "an array argument lies in memory: an xtensor container or adaptor, or a view of "
                      "one by integers and ranges; xt::eval gives memory to an expression, and "
                      "xt::adapt(vector, {rows, columns}) a shape to a std::vector");
        if constexpr (Given::is_an_array_in_memory) add_array<T>(argument, position);
      }
    } else if constexpr (FlatTree<Argument> || ScatteredTree<Argument>) {
      static_assert(std::is_same_v<typename Argument::Model, T>, "the parameters are of another model");
      static_assert(
          std::is_same_v<typename Argument::Scalar, Scalar>,
          "the parameters are of another scalar type: Parameters<Model, double> is for a DoubleProgram");
      if constexpr (FlatTree<Argument>) {
        const T tree{};
        const Scalar* data = argument.flat().data();
        for_each_offset<const T, Scalar>(
            tree, [&](const auto&, std::size_t offset) { pointers_[next_++] = data + offset; });
      } else {
        for (const Scalar* array : argument.pointers()) pointers_[next_++] = array;
      }
    } else {
      add_parts<T>(argument, position);
    }
  }

 private:
  template <class T, class Argument>
  void add_scalar(const Argument& argument, int position) {
    Number& number = numbers_[next_];
    if constexpr (T::kind == Kind::real) {
      number.real = to_real<Scalar>(argument, position);
      pointers_[next_++] = &number.real;
    } else if constexpr (T::kind == Kind::index) {
      number.index = to_index(+argument, position);
      pointers_[next_++] = &number.index;
    } else {
      number.mask = argument;
      pointers_[next_++] = &number.mask;
    }
  }

  template <class T, class Argument>
  void add_array(const Argument& argument, int position) {
    static_assert(program_argument<T, Argument>::template has_elements_of<ElementOf<T::kind, Scalar>>,
                  "a program's array argument has elements of the program's scalar (Tensor; double for a "
                  "DoubleProgram), integers (Index) or bool (Mask); xt::xtensor<float, 2> converted "
                  "= x, of that element and the array's rank, converts");
    const auto& got = argument.shape();
    bool fits = got.size() == static_cast<std::size_t>(T::rank);
    for (std::size_t i = 0; fits && i < got.size(); ++i) {
      fits = static_cast<Size>(got[i]) == T::shape[static_cast<int>(i)];
    }
    if (!fits) throw std::invalid_argument(wrong_shape(T::shape, got, position));
    const auto* elements = dense_data(argument, "argument", position);
    if constexpr (T::kind == Kind::index && !std::is_same_v<typename Argument::value_type, std::int32_t>) {
      if constexpr (IdNumber<typename Argument::value_type>)
        pointers_[next_] = narrow(elements, T::shape, position);
    } else {
      pointers_[next_] = elements;
    }
    ++next_;
  }

  /// Ids as std::int32_t, in memory of their own. Throws std::out_of_range, naming the argument and the
  /// position, for one that is beyond.
  template <class Integer>
  const std::int32_t* narrow(const Integer* ids, const Shape& shape, int position) {
    NarrowedIds& all = narrowed_ != nullptr ? *narrowed_ : own_narrowed_;
    all.resize(Count);
    std::vector<std::int32_t>& narrowed = all[next_];
    narrowed.resize(static_cast<std::size_t>(shape.size()));
    for (std::size_t i = 0; i < narrowed.size(); ++i) {
      if (!std::in_range<std::int32_t>(ids[i])) {
        throw std::out_of_range(not_an_index(
            "argument " + std::to_string(position) + to_string(position_of(static_cast<Size>(i), shape)),
            ids[i]));
      }
      narrowed[i] = static_cast<std::int32_t>(+ids[i]);
    }
    return narrowed.data();
  }

  template <class T, class Argument>
  void add_parts(const Argument& argument, int position) {
    if constexpr (!tree::IsSequence<T>::value) {
      static_assert(
          program_argument<T, Argument>::is_the_parameters_of_the_model,
          "a program's argument for a model is its Parameters or Gradients, for another struct a State");
    } else {
      constexpr bool fits = program_argument<T, Argument>::is_a_std_tuple_or_array_of_as_many_parts;
      static_assert(program_argument<T, Argument>::is_a_std_tuple_or_array_of_as_many_parts,
                    "a program's argument for a std::tuple or std::array is one of as many parts");
      if constexpr (fits) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
          (add<std::tuple_element_t<I, T>>(std::get<I>(argument), position), ...);
        }(std::make_index_sequence<std::tuple_size_v<T>>{});
      }
    }
  }

  template <class Got>
  [[gnu::cold]] static std::string wrong_shape(const Shape& expected, const Got& got, int position) {
    return "argument " + std::to_string(position) + ": expected shape " + to_string(expected) + ", got " +
           list_text(got) + "; shapes are part of a Program's type, and others are another Program's";
  }

  union Number {
    Scalar real;
    std::int32_t index;
    bool mask;
  };

  std::array<const void*, Count == 0 ? 1 : Count> pointers_{};
  std::array<Number, Count == 0 ? 1 : Count> numbers_{};
  NarrowedIds* narrowed_ = nullptr;  ///< null for its own
  NarrowedIds own_narrowed_;
  std::size_t next_ = 0;
};

}  // namespace ctgrad::runtime
