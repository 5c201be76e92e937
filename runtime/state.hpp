#pragma once

#include <ctgrad/graph/tree_parts.hpp>
#include <ctgrad/runtime/parameters.hpp>

#include <algorithm>

/// What lasts from one run of a program to the next without being learned: the caches of a decoder, the
/// memory of an encoder, running means.
namespace ctgrad {

/// The arrays of the tree T, 0 at first, in a flat buffer of its own. A program takes it for an argument of
/// that type, and what a program gives of that type can be assigned to it:
///
///     State<Model::Memory<8>> memory;
///     memory = remember(parameters, source, lengths);
///     step(parameters, ids, positions, cache, memory, lengths);
template <class T, class S = float>
class State {
  static_assert(sizeof(T) > 0);  // so that an error within T is close to the user's line
  static_assert(tree::faulty_part<T>::is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT,
                "State: the tree is an array, a struct that lists its members with BOOST_HANA_DEFINE_STRUCT, "
                "or a std::array or std::tuple of them");
  static_assert(tree::faulty_part<T>::is_named_in_its_own_BOOST_HANA_DEFINE_STRUCT,
                "State: BOOST_HANA_DEFINE_STRUCT in this struct names another struct");
  static_assert(tree::faulty_part<T>::lists_all_its_members,
                "State: a member of this struct is not in its BOOST_HANA_DEFINE_STRUCT; list it (what is no "
                "layer is static constexpr)");

 public:
  using Model = T;
  using Scalar = S;
  using View = FlatView<T, S>;
  using ConstView = FlatView<T, const S>;

  State() : arena_(size() * sizeof(S)) {}
  /// Takes the numbers of a program's result.
  template <class Element>
    requires std::is_same_v<std::remove_const_t<Element>, S>
  explicit State(FlatView<T, Element> view) : State() {
    *this = view;
  }

  State(const State& other) : State() { *this = other; }
  State(State&&) noexcept = default;
  State& operator=(const State& other) { return *this = other.view(); }
  State& operator=(State&&) noexcept = default;
  ~State() = default;

  template <class Element>
    requires std::is_same_v<std::remove_const_t<Element>, S>
  State& operator=(FlatView<T, Element> view) {
    if (view.flat().data() != data()) std::ranges::copy(view.flat(), data());
    return *this;
  }

  /// Makes all numbers 0.
  void clear() { std::ranges::fill(flat(), S{0}); }

  /// All elements in one span; between arrays lie unused elements, which are 0.
  std::span<S> flat() { return view().flat(); }
  std::span<const S> flat() const { return view().flat(); }

  /// The length of the flat buffer.
  static constexpr std::size_t size() { return View::size(); }
  /// Name, shape and offset of every array, in the order of the buffer.
  static const std::vector<FlatEntry>& entries() { return View::entries(); }

  View view() { return View(data()); }
  ConstView view() const { return ConstView(reinterpret_cast<const S*>(arena_.data())); }
  auto operator[](std::string_view name) { return view()[name]; }
  auto operator[](std::string_view name) const { return view()[name]; }
  std::span<S> span(std::string_view name) { return view().span(name); }
  std::span<const S> span(std::string_view name) const { return view().span(name); }

 private:
  S* data() { return reinterpret_cast<S*>(arena_.data()); }

  runtime::Arena arena_;
};

}  // namespace ctgrad
