#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

/// Where the elements of other libraries' arrays lie, by what the arrays say of themselves.
namespace ctgrad::runtime {

/// An array whose elements lie in memory, which data() points to. xtensor's expressions and views by lists of
/// indices have none; `xt::eval` gives it to them.
template <class A>
concept InMemory = requires(const A& array) { requires std::is_pointer_v<decltype(array.data())>; };

/// One that gives the element at a position as well. That is asked before data_offset(), which xtensor 0.24
/// counts wrong for a view with two new axes.
template <class A>
concept TellsElements = requires(const A& array, const std::size_t* position) {
  array.size();
  { array.element(position, position) } -> std::same_as<const std::remove_pointer_t<decltype(array.data())>&>;
};

/// "[2, 3]"
template <class Numbers>
[[gnu::cold]] std::string list_text(const Numbers& numbers) {
  std::string text = "[";
  for (std::size_t i = 0; i < numbers.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(numbers[i]);
  return text + "]";
}

/// Whether elements lie side by side in row-major order. An axis of extent 1 may have any stride, an array
/// without elements any strides; an array that does not tell its strides is taken for a dense one.
template <InMemory A>
bool is_row_major(const A& array) {
  if constexpr (requires { array.strides(); }) {
    const auto& shape = array.shape();
    const auto& strides = array.strides();
    std::ptrdiff_t size = 1;
    bool holds = true;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      const auto extent = static_cast<std::ptrdiff_t>(shape[axis]);
      holds = holds && (extent == 1 || static_cast<std::ptrdiff_t>(strides[axis]) == size);
      size *= extent;
    }
    return holds || size == 0;
  } else {
    return true;
  }
}

/// What a refusal says of an array that is not dense.
template <InMemory A>
[[gnu::cold]] std::string wrong_strides(const A& array) {
  const auto& shape = array.shape();
  std::vector<std::ptrdiff_t> expected(shape.size());
  std::ptrdiff_t size = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    expected[axis] = size;
    size *= static_cast<std::ptrdiff_t>(shape[axis]);
  }
  return "expected row-major strides " + list_text(expected) + ", got " + list_text(array.strides()) +
         "; xt::xtensor<T, N>(x) is a dense copy";
}

/// The first element of a dense row-major array, which need not be the first of the memory that a view is of.
/// Throws std::invalid_argument, naming the operand ("argument 2" where it has a number), if the array is not
/// dense.
template <InMemory A>
auto dense_data(const A& array, const char* operand, int number = 0)
    -> const std::remove_pointer_t<decltype(array.data())>* {
  if constexpr (requires { array.strides(); }) {
    if (!is_row_major(array)) {
      throw std::invalid_argument(operand + (number > 0 ? " " + std::to_string(number) : std::string()) +
                                  ": " + wrong_strides(array));
    }
  }
  if constexpr (TellsElements<A>) {
    static constexpr std::array<std::size_t, 32> first{};
    const std::size_t rank = array.shape().size();
    if (rank <= first.size() && array.size() > 0)
      return std::addressof(array.element(first.data(), first.data() + rank));
  }
  if constexpr (requires { array.data_offset(); }) {
    return array.data() + static_cast<std::ptrdiff_t>(array.data_offset());
  } else {
    return array.data();
  }
}

}  // namespace ctgrad::runtime
