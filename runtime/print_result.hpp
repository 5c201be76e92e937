#pragma once

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/jvp.hpp>
#include <ctgrad/base/number_text.hpp>
#include <ctgrad/runtime/blocks.hpp>
#include <ctgrad/runtime/outputs.hpp>
#include <ctgrad/runtime/state.hpp>

#include <ostream>
#include <string>
#include <string_view>

/// What programs give, and the models' numbers that they take, as text: `std::cout << program(x)`.
///
///     {{0.5, 1},                   an array; of a long axis the first and the last three
///      {2, 4}}
///
///     value: 0.25                  a value and its gradients
///     gradients:
///       layers.0.weight [4, 8]: 0.5, -1, 2, ..., 1, 0, 3
namespace ctgrad {

namespace text {

/// Writes results; all lines but the first begin with `column` spaces.
class ResultText {
 public:
  explicit ResultText(std::ostream& out) : out_(out) {}

  template <class Number>
    requires std::is_arithmetic_v<Number>
  void write(Number number, std::size_t) {
    if constexpr (std::is_same_v<Number, bool>) {
      out_ << (number ? "true" : "false");
    } else if constexpr (std::is_floating_point_v<Number>) {
      out_ << unsigned_nan(number);
    } else {
      out_ << number;
    }
  }

  template <class Element, class Extents>
  void write(const ArrayView<Element, Extents>& array, std::size_t column) {
    const auto& shape = array.shape();
    write_axis(array.data(), shape.data(), shape.data() + shape.size(), column);
  }

  template <class T, class Element>
  void write(const FlatView<T, Element>& view, std::size_t column) {
    if (view.entries().empty()) out_ << "no arrays";
    const char* before = "";
    for (const FlatEntry& entry : view.entries()) {
      if (*before != '\0') new_line(column);
      before = "\n";
      const auto numbers = view.span(entry.name);
      out_ << entry.name << ' ' << to_string(entry.shape) << ": ";
      write_list(
          numbers.size(), [&](std::size_t i) { write(numbers[i], 0); }, [&] { out_ << ", "; });
    }
  }
  template <class Result, class Argument, class Matrix>
  void write(const BlocksView<Result, Argument, Matrix>& blocks, std::size_t column) {
    const char* before = "";
    for (const FlatEntry& row : runtime::packed_entries<Result>()) {
      for (const FlatEntry& entry : runtime::packed_entries<Argument>()) {
        if (*before != '\0') new_line(column);
        before = "\n";
        const auto block = blocks(row.name, entry.name);
        out_ << row.name << (row.name.empty() || entry.name.empty() ? "" : " by ") << entry.name << ": ";
        write_list(
            block.size(), [&](std::size_t i) { write(block.data()[i], 0); }, [&] { out_ << ", "; });
      }
    }
  }
  template <class T, class S>
  void write(const State<T, S>& state, std::size_t column) {
    write(state.view(), column);
  }

  template <class T, class G>
  void write(const ValueAndGradients<T, G>& result, std::size_t column) {
    write_part("value", result.value, column);
    new_line(column);
    write_part("gradients", result.gradients, column);
  }
  template <class T, class C>
  void write(const ValueAndCotangents<T, C>& result, std::size_t column) {
    write_part("value", result.value, column);
    new_line(column);
    write_part("cotangents", result.cotangents, column);
  }
  template <class T>
  void write(const ValueAndTangent<T>& result, std::size_t column) {
    write_part("value", result.value, column);
    new_line(column);
    write_part("tangent", result.tangent, column);
  }
  template <class... T>
  void write(const std::tuple<T...>& parts, std::size_t column) {
    std::apply([&](const auto&... part) { write_parts(column, part...); }, parts);
  }
  template <class T, std::size_t N>
  void write(const std::array<T, N>& parts, std::size_t column) {
    std::apply([&](const auto&... part) { write_parts(column, part...); }, parts);
  }

 private:
  static constexpr std::size_t edge = 3;      ///< what is written at either end of a long list
  static constexpr std::size_t longest = 12;  ///< list that is written whole

  void new_line(std::size_t column) { out_ << '\n' << std::string(column, ' '); }

  template <class Write, class Separate>
  void write_list(std::size_t size, Write write_entry, Separate separate) {
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) separate();
      if (size > longest && i == edge) {
        out_ << "...";
        separate();
        i = size - edge;
      }
      write_entry(i);
    }
  }

  template <class Element>
  void write_axis(const Element* elements, const std::size_t* extent, const std::size_t* end,
                  std::size_t column) {
    if (extent == end) return write(*elements, 0);
    std::size_t row = 1;
    for (const std::size_t* inner = extent + 1; inner < end; ++inner) row *= *inner;
    out_ << '{';
    write_list(
        *extent, [&](std::size_t i) { write_axis(elements + i * row, extent + 1, end, column + 1); },
        [&] {
          out_ << (extent + 1 == end ? ", " : ",");
          if (extent + 1 < end) new_line(column + 1);
        });
    out_ << '}';
  }

  template <class Part>
  void write_part(std::string_view label, const Part& part, std::size_t column) {
    out_ << label << ':';
    if constexpr (std::is_arithmetic_v<Part> || requires { part.shape(); }) {
      out_ << ' ';
      write(part, column + label.size() + 2);
    } else {
      new_line(column + 2);
      write(part, column + 2);
    }
  }
  template <class... Part>
  void write_parts(std::size_t column, const Part&... parts) {
    std::size_t number = 0;
    const auto next = [&](const auto& part) {
      if (number > 0) new_line(column);
      write_part(std::to_string(number++), part, column);
    };
    (next(parts), ...);
  }

  std::ostream& out_;
};

/// Whether a type is one of those that programs give, and can be found by its own namespace.
template <class T>
struct of_program : std::false_type {};
template <class Element, class Extents>
struct of_program<ArrayView<Element, Extents>> : std::true_type {};
template <class T, class Element>
struct of_program<FlatView<T, Element>> : std::true_type {};
template <class T, class S>
struct of_program<State<T, S>> : std::true_type {};
template <class Result, class Argument, class Matrix>
struct of_program<BlocksView<Result, Argument, Matrix>> : std::true_type {};
template <class T, class G>
struct of_program<ValueAndGradients<T, G>> : std::true_type {};
template <class T, class C>
struct of_program<ValueAndCotangents<T, C>> : std::true_type {};
template <class T>
struct of_program<ValueAndTangent<T>> : std::true_type {};
template <class... T>
struct of_program<Results<T...>> : std::true_type {};
template <class T, std::size_t N>
struct of_program<ResultList<T, N>> : std::true_type {};
template <class... T>
struct of_program<std::tuple<T...>> : std::disjunction<of_program<T>...> {};
template <class T, std::size_t N>
struct of_program<std::array<T, N>> : of_program<T> {};

}  // namespace text

/// A result, or a named array, without a line's end.
template <class Result>
  requires text::of_program<Result>::value
std::ostream& operator<<(std::ostream& out, const Result& result) {
  text::ResultText(out).write(result, 0);
  return out;
}

/// A line for every parameter, without the last one's end.
template <class T, class S>
std::ostream& operator<<(std::ostream& out, const Parameters<T, S>& parameters) {
  return out << parameters.view();
}

}  // namespace ctgrad
