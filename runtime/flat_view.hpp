#pragma once

#include <ctgrad/runtime/arena.hpp>
#include <ctgrad/runtime/array_view.hpp>
#include <ctgrad/runtime/layout.hpp>

#include <cstring>
#include <span>
#include <stdexcept>
#include <string_view>

/// The real arrays of a tree in a flat buffer, by their names.
namespace ctgrad {

/// The arrays of the tree T in a flat buffer of Element (a scalar type, const or not) that lies elsewhere. It
/// keeps the memory alive that it has a handle of; spans do not.
///
/// A copy of the view shows the same numbers. An assignment to a view of numbers that may change copies
/// numbers; a view of constant numbers can be made to show others.
template <class T, class Element>
class FlatView {
  static constexpr bool writes = !std::is_const_v<Element>;

 public:
  using Model = T;
  using Scalar = std::remove_const_t<Element>;

  explicit FlatView(Element* data, runtime::SharedArena memory = {})
      : data_(data), memory_(std::move(memory)) {}
  FlatView(const FlatView&) = default;
  FlatView(FlatView&&) noexcept = default;
  ~FlatView() = default;

  FlatView& operator=(const FlatView& other) &
        requires(writes)
  {
    return this == &other ? *this : copy(other.flat());
  }
  FlatView& operator=(const FlatView& other) &&
        requires(writes)
  {
    return this == &other ? *this : copy(other.flat());
  }
  FlatView& operator=(const FlatView& other) &
        requires(!writes)
  {
    if (this == &other) return *this;
    data_ = other.data_;
    memory_ = other.memory_;
    return *this;
  }
  template <class Other>
    requires(writes && std::is_same_v<Other, const Element>)
  FlatView& operator=(const FlatView<T, Other>& other) {
    return copy(other.flat());
  }

  /// All elements in one span; between arrays lie unused elements, which are 0.
  std::span<Element> flat() const { return {data_, size()}; }

  /// The length of the flat buffer.
  static constexpr std::size_t size() { return runtime::flat_size<T, Scalar>(); }

  /// Name, shape and offset of every array, in the order of the buffer.
  static const std::vector<FlatEntry>& entries() { return runtime::flat_entries<T, Scalar>(); }

  /// The array of that name as an xtensor. Throws std::out_of_range if there is none.
  NamedArray<Element> operator[](std::string_view name) const {
    const FlatEntry& entry = find(name);
    return {data_ + entry.offset, runtime::dynamic_extents(entry.shape), memory_, entry.name};
  }

  /// The elements of the array of that name. Throws std::out_of_range if there is none.
  std::span<Element> span(std::string_view name) const {
    const FlatEntry& entry = find(name);
    return {data_ + entry.offset, static_cast<std::size_t>(entry.shape.size())};
  }

  /// The name of the array that holds element `index` of the flat buffer. Throws std::out_of_range if it has
  /// no such element.
  static const std::string& name_of(std::size_t index) {
    const FlatEntry* last = nullptr;
    for (const FlatEntry& entry : entries()) {
      if (entry.offset <= index && index < size()) last = &entry;
    }
    if (last == nullptr) {
      throw std::out_of_range("name_of: expected an index in [0, " + std::to_string(size()) + "), got " +
                              std::to_string(index));
    }
    return last->name;
  }

 private:
  static const FlatEntry& find(std::string_view name) {
    for (const FlatEntry& entry : entries()) {
      if (entry.name == name) return entry;
    }
    throw std::out_of_range("no parameter is named '" + std::string(name) + "'; there are " +
                            runtime::names_in(entries()));
  }

  FlatView& copy(std::span<const Scalar> numbers) {
    if (size() > 0) std::memmove(data_, numbers.data(), size() * sizeof(Scalar));
    return *this;
  }

  Element* data_;
  runtime::SharedArena memory_;
};

/// What a gradient of a model is at run time: a view of what a program computed, which keeps it.
template <class T, class S = float>
using Gradients = FlatView<T, const S>;

namespace runtime {

/// The real arrays of the tree T in a flat buffer of its own: what Parameters and State are. Views and spans
/// are valid for as long as the object is; those of a temporary object are copies.
template <class T, class S>
class FlatArrays {
 public:
  using Model = T;
  using Scalar = S;
  using View = FlatView<T, S>;
  using ConstView = FlatView<T, const S>;

  /// All elements; between arrays lie unused elements, which are 0.
  std::span<S> flat() & { return view().flat(); }
  std::span<const S> flat() const& { return view().flat(); }
  std::vector<S> flat() const&& { return {flat().begin(), flat().end()}; }

  /// The length of the flat buffer.
  static constexpr std::size_t size() { return View::size(); }
  /// Name, shape and offset of every array, in the order of the buffer.
  static const std::vector<FlatEntry>& entries() { return View::entries(); }
  static const std::string& name_of(std::size_t index) { return View::name_of(index); }

  View view() & { return View(reinterpret_cast<S*>(arena_.data())); }
  ConstView view() const& { return ConstView(reinterpret_cast<const S*>(arena_.data())); }
  ConstView view() const&& {
    SharedArena copy(arena_.size());
    std::memcpy(copy.data(), arena_.data(), arena_.size());
    const auto* numbers = reinterpret_cast<const S*>(copy.data());
    return ConstView(numbers, std::move(copy));
  }

  /// The array of that name as an xtensor. Throws std::out_of_range if there is none.
  NamedArray<S> operator[](std::string_view name) & { return view()[name]; }
  NamedArray<const S> operator[](std::string_view name) const& { return view()[name]; }
  NamedArray<const S> operator[](std::string_view name) const&& { return std::move(*this).view()[name]; }

  /// The elements of the array of that name. Throws std::out_of_range if there is none.
  std::span<S> span(std::string_view name) & { return view().span(name); }
  std::span<const S> span(std::string_view name) const& { return view().span(name); }
  std::vector<S> span(std::string_view name) const&& {
    const std::span<const S> elements = span(name);
    return {elements.begin(), elements.end()};
  }

 protected:
  FlatArrays() = default;
  FlatArrays(const FlatArrays&) = default;
  FlatArrays(FlatArrays&&) noexcept = default;
  FlatArrays& operator=(const FlatArrays&) = default;
  FlatArrays& operator=(FlatArrays&&) noexcept = default;
  ~FlatArrays() = default;

  /// Gives it memory again where it was moved from.
  void renew() {
    if (arena_.is_empty()) arena_.clear();
  }

 private:
  Arena arena_{size() * sizeof(S)};
};

}  // namespace runtime
}  // namespace ctgrad
