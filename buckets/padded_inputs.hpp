#pragma once

#include <ctgrad/buckets/arguments.hpp>
#include <ctgrad/runtime/inputs.hpp>
#include <ctgrad/runtime/random_key.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

/// The inputs of a run: sequences padded to the length of its bucket, and rows of other arguments beside
/// them.
namespace ctgrad::buckets {

/// A list of sequences of ids that lie in memory: of vectors, arrays or spans of any integer type.
template <class L>
concept TokenLists = std::ranges::random_access_range<const L> && std::ranges::sized_range<const L> &&
                     std::ranges::contiguous_range<std::ranges::range_reference_t<const L>> &&
                     std::ranges::sized_range<std::ranges::range_reference_t<const L>> &&
                     std::ranges::borrowed_range<std::ranges::range_reference_t<const L>> &&
                     runtime::IdNumber<std::ranges::range_value_t<std::ranges::range_reference_t<const L>>>;

/// The tokens of a sequence of a list.
template <TokenLists L>
auto tokens_of(const L& lists, std::size_t sequence) {
  auto&& tokens = std::ranges::begin(lists)[static_cast<std::ranges::range_difference_t<const L>>(sequence)];
  return std::span(std::ranges::data(tokens), std::ranges::size(tokens));
}

/// What a program takes for an argument, and what it got: the conditions of static_asserts.
template <class A, class Got>
struct given_argument {
  static constexpr bool is_a_list_of_sequences_of_ids = form_of<A> != Form::tokens || TokenLists<Got>;
  static constexpr bool is_a_key = form_of<A> != Form::key || std::is_same_v<Got, RandomKey>;
};
template <class A, class Scalar, class Got>
struct each_argument;
template <class T, class Scalar, class Got>
struct each_argument<Each<T>, Scalar, Got> {
  using Type = T;
  using Element = runtime::ElementOf<T::kind, Scalar>;
  static constexpr bool has_a_shape = runtime::InMemory<Got> && requires(const Got& got) { got.shape()[0]; };
  static constexpr bool is_a_list_of_numbers =
      T::rank == 0 && std::ranges::contiguous_range<const Got> && std::ranges::sized_range<const Got>;
  static constexpr bool is_an_array_in_memory = has_a_shape || is_a_list_of_numbers;
  static constexpr bool has_elements_of_its_kind = [] {
    if constexpr (is_an_array_in_memory) {
      using Given = std::remove_cv_t<typename Got::value_type>;
      return std::is_same_v<Given, Element> || (T::kind == Kind::index && runtime::IdNumber<Given>);
    } else {
      return true;
    }
  }();
};

/// The bytes of every array that all buckets get as it is.
template <class Scalar, class... Arguments>
inline constexpr auto whole_bytes = [] {
  std::array<std::size_t, std::max<std::size_t>(Inputs<Arguments...>::whole_count, 1)> bytes{};
  std::size_t next = 0;
  const auto add = [&]<class A>(std::type_identity<A>) {
    if constexpr (form_of<A> == Form::whole) {
      const A tree{};
      for_each_leaf(tree, [&](const auto& leaf) {
        bytes[next++] = static_cast<std::size_t>(dense_bytes(leaf.type, runtime::scalar_size<Scalar>));
      });
    }
  };
  (add(std::type_identity<Arguments>{}), ...);
  return bytes;
}();

/// Memory for the inputs of any of a program's buckets.
template <class Scalar, class... Arguments>
class PaddedInputs {
  using All = Inputs<Arguments...>;
  static constexpr std::size_t token_count = All::count_of(Form::tokens);
  static constexpr std::size_t each_count = All::count_of(Form::each);
  static constexpr std::size_t key_count = All::count_of(Form::key);

 public:
  /// Of up to so many sequences of so many tokens.
  PaddedInputs(Size rows, Size tokens) : present_(std::make_unique<bool[]>(static_cast<std::size_t>(rows))) {
    const auto count = static_cast<std::size_t>(rows);
    for (auto& ids : ids_) ids.resize(count * static_cast<std::size_t>(tokens));
    for (auto& lengths : lengths_) lengths.resize(count);
    std::size_t next = 0;
    const auto reserve = [&](Form form, std::size_t bytes) {
      if (form == Form::each) each_[next++].resize(count * bytes);
    };
    (reserve(form_of<Arguments>, each_bytes<Scalar, Arguments>), ...);
  }

  /// Begins a run of `rows` rows for these sequences, whose results are numbers `first` and so on of the
  /// call. Rows behind them repeat the first one.
  void begin(std::span<const std::size_t> sequences, std::size_t first, std::size_t rows,
             std::size_t tokens) {
    sequences_ = sequences;
    first_ = first;
    rows_ = rows;
    tokens_ = tokens;
    for (std::size_t row = 0; row < rows; ++row) present_[row] = row < sequences.size();
  }

  /// Pads argument number `number` of sequences, which messages call "argument `position`". Throws
  /// std::out_of_range for a number that is no std::int32_t.
  template <TokenLists L>
  void pad(std::size_t number, const L& lists, std::size_t position) {
    std::int32_t* to = ids_[number].data();
    for (std::size_t row = 0; row < rows_; ++row, to += tokens_) {
      const auto tokens = tokens_of(lists, sequence_of(row));
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!std::in_range<std::int32_t>(tokens[i])) refuse_id(position, sequence_of(row), i, tokens[i]);
        to[i] = static_cast<std::int32_t>(tokens[i]);
      }
      std::fill(to + tokens.size(), to + tokens_, 0);
      lengths_[number][row] = static_cast<std::int32_t>(tokens.size());
    }
  }

  /// Copies the rows of argument number `number` that has one `T` for each sequence, from its first element.
  template <class T, class Element>
  void copy(std::size_t number, const Element* elements, std::size_t position) {
    using Stored = runtime::ElementOf<T::kind, Scalar>;
    constexpr auto size = static_cast<std::size_t>(T::size);
    for (std::size_t row = 0; row < rows_; ++row) {
      const Element* from = elements + sequence_of(row) * size;
      std::byte* to = each_[number].data() + row * size * sizeof(Stored);
      if constexpr (std::is_same_v<Element, Stored>) {
        std::memcpy(to, from, size * sizeof(Stored));
      } else {
        for (std::size_t i = 0; i < size; ++i) {
          if (!std::in_range<Stored>(from[i])) refuse_element<T>(position, sequence_of(row), i, from[i]);
          const auto stored = static_cast<Stored>(from[i]);
          std::memcpy(to + i * sizeof(Stored), &stored, sizeof(Stored));
        }
      }
    }
  }

  /// Gives the sequences of the run random numbers of their own.
  void fold(std::size_t number, const std::int32_t* key) {
    std::copy_n(key, 4, keys_[number].begin());
    keys_[number][3] = runtime::sample_word(key[3], first_);
  }

  /// The inputs of the run's graph, in their order; `whole` are those that are no part of a batch.
  const void* const* inputs(const void* const* whole) {
    for (std::size_t i = 0; i < All::count; ++i) {
      const Input& input = All::list[i];
      if (input.form == Form::whole) pointers_[i] = whole[input.number];
      if (input.form == Form::each) pointers_[i] = each_[input.number].data();
      if (input.form == Form::key) pointers_[i] = keys_[input.number].data();
      if (input.form != Form::tokens) continue;
      const void* const parts[] = {ids_[input.number].data(), lengths_[input.number].data(), present_.get()};
      pointers_[i] = parts[input.part];
    }
    return pointers_.data();
  }

  /// The sequence in a row.
  std::size_t sequence_of(std::size_t row) const { return sequences_[row < sequences_.size() ? row : 0]; }

 private:
  template <class Id>
  [[noreturn, gnu::cold]] static void refuse_id(std::size_t position, std::size_t sequence, std::size_t token,
                                                Id id) {
    throw std::out_of_range(runtime::not_an_index("argument " + std::to_string(position) + "[" +
                                                      std::to_string(sequence) + "][" +
                                                      std::to_string(token) + "]",
                                                  id));
  }
  template <class T, class Number>
  [[noreturn, gnu::cold]] static void refuse_element(std::size_t position, std::size_t sequence,
                                                     std::size_t i, Number number) {
    Shape shape = shape_of(static_cast<Size>(sequence) + 1);
    for (int axis = 0; axis < T::rank; ++axis) shape.push_back(T::shape[axis]);
    const auto element = static_cast<Size>(sequence) * T::size + static_cast<Size>(i);
    throw std::out_of_range(runtime::not_an_index(
        "argument " + std::to_string(position) + to_string(position_of(element, shape)), number));
  }

  std::array<std::vector<std::int32_t>, token_count> ids_, lengths_;
  std::unique_ptr<bool[]> present_;
  std::array<std::vector<std::byte>, each_count> each_;
  std::array<std::array<std::int32_t, 4>, key_count> keys_;
  std::array<const void*, std::max<std::size_t>(All::count, 1)> pointers_{};
  std::span<const std::size_t> sequences_;
  std::size_t first_ = 0, rows_ = 0, tokens_ = 0;
};

}  // namespace ctgrad::buckets
