#pragma once

#include <ctgrad/runtime/dense.hpp>
#include <ctgrad/runtime/shared_arena.hpp>
#include <ctgrad/runtime/xtensor.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Arrays of parameters and of results as xtensor expressions, whose assignments copy elements.
namespace ctgrad {

template <class Element, class Extents>
class ArrayView;

}  // namespace ctgrad

namespace xt {

/// What xtensor asks of every container.
template <class Element, class Extents>
struct xcontainer_inner_types<ctgrad::ArrayView<Element, Extents>> {
  using storage_type = xbuffer_adaptor<Element*, no_ownership, std::allocator<std::remove_const_t<Element>>>;
  using reference = inner_reference_t<storage_type>;
  using const_reference = typename storage_type::const_reference;
  using size_type = typename storage_type::size_type;
  using shape_type = Extents;
  using strides_type = get_strides_t<shape_type>;
  using backstrides_type = get_strides_t<shape_type>;
  using inner_shape_type = shape_type;
  using inner_strides_type = strides_type;
  using inner_backstrides_type = backstrides_type;
  using temporary_type = xarray<std::remove_const_t<Element>, layout_type::row_major>;
  static constexpr layout_type layout = layout_type::row_major;
};

template <class Element, class Extents>
struct xiterable_inner_types<ctgrad::ArrayView<Element, Extents>>
    : xcontainer_iterable_types<ctgrad::ArrayView<Element, Extents>> {};

}  // namespace xt

namespace ctgrad {

/// A dense row-major array of elements that lie elsewhere, as an xtensor expression. A copy of the view shows
/// the same elements. It keeps the memory alive that it has a handle of.
///
/// An assignment to a view of elements that may change copies elements into them, also where both overlap; it
/// throws std::invalid_argument for another shape, naming the array, and has then changed nothing. A view of
/// constant elements can be made to show others of its rank, if that is known at compile time; no other
/// assignment to it compiles.
template <class Element, class Extents>
class ArrayView : public xt::xstrided_container<ArrayView<Element, Extents>>,
                  public xt::xcontainer_semantic<ArrayView<Element, Extents>> {
  using Container = xt::xstrided_container<ArrayView>;
  using Semantic = xt::xcontainer_semantic<ArrayView>;
  using Storage = typename Container::storage_type;
  static constexpr bool writes = !std::is_const_v<Element>;
  static constexpr bool rebinds = !writes && !std::is_same_v<Extents, runtime::DynamicExtents>;

 public:
  using expression_tag = xt::xtensor_expression_tag;
  using temporary_type = typename Semantic::temporary_type;

  /// `name`, which must last as long as the view, is what errors call the array.
  ArrayView(Element* data, const Extents& extents, runtime::SharedArena memory = {},
            std::string_view name = {})
      : storage_(std::move(data), size_of(extents)), memory_(std::move(memory)), name_(name) {
    Container::resize(extents, xt::layout_type::row_major);
  }
  /// What is moved is copied: a view that was moved from shows the same elements as before.
  ArrayView(const ArrayView&) = default;
  ~ArrayView() = default;

  ArrayView& operator=(const ArrayView& other)
    requires(writes)
  {
    copy(other);
    return *this;
  }
  ArrayView& operator=(const ArrayView& other)
    requires(rebinds)
  {
    Container::operator=(other);
    storage_ = other.storage_;
    memory_ = other.memory_;
    return *this;
  }
  template <class E>
    requires writes
  ArrayView& operator=(const xt::xexpression<E>& expression) {
    return assign(expression);
  }
  /// Makes every element that number.
  template <class Number>
    requires(writes && std::is_arithmetic_v<Number>)
  ArrayView& operator=(Number number) {
    std::fill_n(storage_.data(), storage_.size(), static_cast<Element>(number));
    return *this;
  }

  /// What xt::noalias calls.
  template <class E>
    requires writes
  ArrayView& assign(const xt::xexpression<E>& expression) {
    require_shape(expression.derived_cast().shape());
    const temporary_type elements(expression);
    std::copy_n(elements.data(), elements.size(), storage_.data());
    return *this;
  }

  /// An element: as many positions as there are axes, each below its extent; otherwise throws
  /// std::out_of_range. xtensor's broadcasting asks for elements here, too: with positions in front, and with
  /// any position along an axis of extent 1.
  template <class... Positions>
    requires(std::is_convertible_v<Positions, std::ptrdiff_t> && ...)
  typename Container::reference operator()(Positions... positions) {
    require_element(positions...);
    return Container::operator()(positions...);
  }
  template <class... Positions>
    requires(std::is_convertible_v<Positions, std::ptrdiff_t> && ...)
  typename Container::const_reference operator()(Positions... positions) const {
    require_element(positions...);
    return Container::operator()(positions...);
  }
  using Container::operator[];
  typename Container::reference operator[](std::size_t position) { return (*this)(position); }
  typename Container::const_reference operator[](std::size_t position) const { return (*this)(position); }

  /// Exchanges the elements. Throws as an assignment does.
  void swap(ArrayView& other)
    requires(writes)
  {
    require_shape(other.shape());
    if (storage_.data() == other.storage_.data()) return;
    std::swap_ranges(storage_.data(), storage_.data() + storage_.size(), other.storage_.data());
  }
  friend void swap(ArrayView& a, ArrayView& b)
    requires(writes)
  {
    a.swap(b);
  }
  friend void swap(ArrayView&& a, ArrayView&& b)
    requires(writes)
  {
    a.swap(b);
  }

 private:
  friend class xt::xcontainer<ArrayView>;

  static std::size_t size_of(const Extents& extents) {
    std::size_t size = 1;
    for (const std::size_t extent : extents) size *= extent;
    return size;
  }

  void copy(const ArrayView& other) {
    require_shape(other.shape());
    if (other.size() > 0) std::memmove(storage_.data(), other.data(), other.size() * sizeof(Element));
  }

  template <class Got>
  void require_shape(const Got& got) const {
    const auto& expected = this->shape();
    if (std::equal(got.begin(), got.end(), expected.begin(), expected.end(),
                   [](auto a, auto b) { return static_cast<std::size_t>(a) == static_cast<std::size_t>(b); }))
      return;
    throw std::invalid_argument("parameter '" + std::string(name_) + "': expected shape " +
                                runtime::list_text(expected) + ", got " + runtime::list_text(got));
  }

  template <class... Positions>
  void require_element(Positions... positions) const {
    const std::array<std::ptrdiff_t, sizeof...(Positions)> at{static_cast<std::ptrdiff_t>(positions)...};
    const auto& extents = this->shape();
    const std::size_t in_front = at.size() - std::min(at.size(), extents.size());
    bool there = at.size() >= extents.size();
    for (std::size_t axis = 0; there && axis < extents.size(); ++axis) {
      const auto extent = static_cast<std::ptrdiff_t>(extents[axis]);
      there = extent == 1 || (at[in_front + axis] >= 0 && at[in_front + axis] < extent);
    }
    if (!there) refuse_element({at.begin(), at.end()});
  }

  [[noreturn]] void refuse_element(const std::vector<std::ptrdiff_t>& at) const {
    const std::string array = name_.empty() ? "a result" : "parameter '" + std::string(name_) + "'";
    throw std::out_of_range(array + ": expected an element of shape " + runtime::list_text(this->shape()) +
                            ", got position " + runtime::list_text(at));
  }

  Storage& storage_impl() noexcept { return storage_; }
  const Storage& storage_impl() const noexcept { return storage_; }

  Storage storage_;
  runtime::SharedArena memory_;
  std::string_view name_;
};

/// What a program gives for an array of that rank: elements of its memory, which stay as they are for as long
/// as this view, or a copy of it, is held.
template <class Scalar, std::size_t Rank>
using ResultArray = ArrayView<const Scalar, std::array<std::size_t, Rank>>;

/// An array of a flat buffer, found by its name. Element is const where it may not be changed.
template <class Element>
using NamedArray = ArrayView<Element, runtime::DynamicExtents>;

}  // namespace ctgrad

/// std::swap by moves would lose elements: a view that is moved shows the elements that it showed before.
namespace std {
template <class Element, class Extents>
  requires(!is_const_v<Element>)
void swap(ctgrad::ArrayView<Element, Extents>& a, ctgrad::ArrayView<Element, Extents>& b) {
  a.swap(b);
}
}  // namespace std
