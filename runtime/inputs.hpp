#pragma once

#include <ctgrad/runtime/executable.hpp>
#include <ctgrad/runtime/parameters.hpp>

/// What a program takes: each argument is held against its tree type before anything runs.
namespace ctgrad::runtime {

/// Gathers the pointers to the arrays of all arguments.
template <class Scalar, std::size_t Count>
class InputList {
 public:
  const void* const* data() const { return pointers_.data(); }

  /// Argument number `position` (from 1), of tree type T. Throws std::invalid_argument, naming it, if its
  /// shape is not the type's.
  template <class T, class Argument>
  void add(const Argument& argument, int position) {
    if constexpr (ArrayLike<T>) {
      if constexpr (T::rank == 0) {
        add_scalar<T>(argument);
      } else {
        add_array<T>(argument, position);
      }
    } else if constexpr (requires { argument.flat(); }) {
      static_assert(std::is_same_v<typename Argument::Model, T>, "the parameters are of another model");
      static_assert(std::is_same_v<typename Argument::Scalar, Scalar>,
                    "the parameters are of another scalar type");
      const T tree{};
      const Scalar* data = argument.flat().data();
      for_each_offset<const T, Scalar>(
          tree, [&](const auto&, std::size_t offset) { pointers_[next_++] = data + offset; });
    } else {
      static_assert(tree::IsSequence<T>::value, "a model's argument is its Parameters or Gradients");
      add_parts<T>(argument, position, std::make_index_sequence<std::tuple_size_v<T>>{});
    }
  }

 private:
  template <class T, class Argument>
  void add_scalar(const Argument& argument) {
    using Element = ElementOf<T::kind, Scalar>;
    static_assert(std::is_convertible_v<Argument, Element>, "an argument of rank 0 is a number");
    Number& number = numbers_[next_];
    if constexpr (T::kind == Kind::real) {
      number.real = static_cast<Element>(argument);
      pointers_[next_++] = &number.real;
    } else if constexpr (T::kind == Kind::index) {
      number.index = argument;
      pointers_[next_++] = &number.index;
    } else {
      number.mask = argument;
      pointers_[next_++] = &number.mask;
    }
  }

  template <class T, class Argument>
  void add_array(const Argument& argument, int position) {
    static_assert(
        std::is_same_v<typename Argument::value_type, ElementOf<T::kind, Scalar>>,
        "an argument's elements are the program's scalar (Tensor), std::int32_t (Index) or bool (Mask)");
    const auto& got = argument.shape();
    bool fits = got.size() == static_cast<std::size_t>(T::rank);
    for (std::size_t i = 0; fits && i < got.size(); ++i) {
      fits = static_cast<Size>(got[i]) == T::shape[static_cast<int>(i)];
    }
    if (!fits) throw std::invalid_argument(wrong_shape(T::shape, got, position));
    if constexpr (T::rank > 1) {
      if (argument.layout() != xt::layout_type::row_major)
        throw std::invalid_argument("argument " + std::to_string(position) +
                                    ": expected row-major layout, got another");
    }
    pointers_[next_++] = argument.data();
  }

  template <class T, class Argument, std::size_t... I>
  void add_parts(const Argument& argument, int position, std::index_sequence<I...>) {
    (add<std::tuple_element_t<I, T>>(std::get<I>(argument), position), ...);
  }

  template <class Got>
  static std::string wrong_shape(const Shape& expected, const Got& got, int position) {
    std::string shape = "[";
    for (std::size_t i = 0; i < got.size(); ++i) shape += (i > 0 ? ", " : "") + std::to_string(got[i]);
    return "argument " + std::to_string(position) + ": expected shape " + to_string(expected) + ", got " +
           shape + "]";
  }

  union Number {
    Scalar real;
    std::int32_t index;
    bool mask;
  };

  std::array<const void*, Count == 0 ? 1 : Count> pointers_{};
  std::array<Number, Count == 0 ? 1 : Count> numbers_{};
  std::size_t next_ = 0;
};

}  // namespace ctgrad::runtime
