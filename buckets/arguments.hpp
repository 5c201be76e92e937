#pragma once

#include <ctgrad/base/list.hpp>
#include <ctgrad/nn/token_batch.hpp>
#include <ctgrad/runtime/layout.hpp>
#include <ctgrad/runtime/static_call.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

/// What a BucketedProgram takes, and what its function gets of it in every bucket.
namespace ctgrad {

/// An argument of a BucketedProgram: a list of sequences of token ids, such as a
/// std::vector<std::vector<std::int32_t>>. The function gets them as an nn::TokenBatch<rows, length>.
struct Tokens {};

/// An argument of a BucketedProgram: one T for each sequence, `Each<Index<>>` a label, `Each<Tensor<3>>`
/// three numbers. The function gets an array [rows, ...] of those of its sequences.
template <class T>
struct Each {
  static_assert(ArrayLike<T>, "Each: says of an array or a number that there is one for each sequence");
};

namespace buckets {

/// What becomes of an argument in a bucket.
enum class Form : std::uint8_t {
  whole,   ///< it is given to all buckets as it is
  tokens,  ///< sequences of ids, padded
  each,    ///< rows, one for each sequence
  key,     ///< random numbers of its own for each sequence
};

/// An argument in a bucket of so many sequences and tokens: `Tree` is what the function gets.
template <class T, Size Rows, Size Length>
struct Argument {
  using Tree = T;
  static constexpr Form form = Form::whole;
};
template <Size Rows, Size Length>
struct Argument<Tokens, Rows, Length> {
  using Tree = nn::TokenBatch<Rows, Length>;
  static constexpr Form form = Form::tokens;
};
template <Kind K, Size... D, Size Rows, Size Length>
struct Argument<Each<Array<K, D...>>, Rows, Length> {
  using Tree = Array<K, Rows, D...>;
  static constexpr Form form = Form::each;
};
template <Size Rows, Size Length>
struct Argument<Key, Rows, Length> {
  using Tree = Key;
  static constexpr Form form = Form::key;
};

template <class T>
inline constexpr Form form_of = Argument<T, 1, 1>::form;

template <class... Arguments>
struct arguments {
  static constexpr bool include_Tokens = ((form_of<Arguments> == Form::tokens) || ...);
};

/// What an input of a bucket's graph is of.
struct Input {
  Form form = Form::whole;
  std::size_t argument = 0;  ///< its position among all, from 0
  std::size_t number = 0;  ///< of its form: among the arguments of tokens, say; of `whole`, among the arrays
  int part = 0;            ///< of tokens: 0 the ids, 1 the lengths, 2 which rows are present
};

/// The inputs of a bucket's graph, which are alike in all buckets.
template <class... Arguments>
struct Inputs {
  static constexpr std::size_t count_of(Form form) {
    return (std::size_t{0} + ... + (form_of<Arguments> == form ? 1 : 0));
  }
  /// The number of an argument among those of its form.
  static constexpr std::size_t number_of(std::size_t argument) {
    constexpr std::array forms{form_of<Arguments>...};
    return static_cast<std::size_t>(std::count(forms.begin(), forms.begin() + argument, forms[argument]));
  }
  static constexpr std::size_t count =
      (std::size_t{0} + ... + leaf_count<typename Argument<Arguments, 1, 1>::Tree>());
  static constexpr std::size_t whole_count =
      (std::size_t{0} + ... +
       (form_of<Arguments> == Form::whole ? leaf_count<typename Argument<Arguments, 1, 1>::Tree>() : 0));

  static constexpr auto list = [] {
    std::array<Input, std::max<std::size_t>(count, 1)> inputs{};
    std::array<std::size_t, 4> numbers{};
    std::size_t next = 0, argument = 0;
    const auto add = [&](Form form, std::size_t leaves) {
      auto& number = numbers[static_cast<std::size_t>(form)];
      for (std::size_t leaf = 0; leaf < leaves; ++leaf) {
        inputs[next++] = {form, argument, number, static_cast<int>(leaf)};
        if (form == Form::whole) ++number;
      }
      if (form != Form::whole) ++number;
      ++argument;
    };
    (add(form_of<Arguments>, leaf_count<typename Argument<Arguments, 1, 1>::Tree>()), ...);
    return inputs;
  }();
};

/// The bytes of one sequence's part of an argument Each<T>.
template <class Scalar, class T>
inline constexpr std::size_t each_bytes = 0;
template <class Scalar, Kind K, Size... D>
inline constexpr std::size_t each_bytes<Scalar, Each<Array<K, D...>>> =
    static_cast<std::size_t>(dense_bytes(Array<K, D...>::type, runtime::scalar_size<Scalar>));

}  // namespace buckets
}  // namespace ctgrad
