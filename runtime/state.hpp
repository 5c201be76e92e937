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
///
/// What was moved from can be assigned to, cleared and copied; what gives its numbers throws std::logic_error
/// until then.
template <class T, class S = float>
class State : public runtime::FlatArrays<T, S> {
  static_assert(alignof(T) > 0);  // so that an error within T is close to the user's line
  static_assert(tree::faulty_part<T>::is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT,
                "State: the tree is an array, a struct that lists its members with BOOST_HANA_DEFINE_STRUCT, "
                "or a std::array or std::tuple of them");
  static_assert(tree::faulty_part<T>::is_named_in_its_own_BOOST_HANA_DEFINE_STRUCT,
                "State: BOOST_HANA_DEFINE_STRUCT in this struct names another struct");
  static_assert(tree::faulty_part<T>::lists_all_its_members,
                "State: a member of this struct is not in its BOOST_HANA_DEFINE_STRUCT; list it (what is no "
                "layer is static constexpr)");

 public:
  State() = default;
  /// Takes the numbers of a program's result.
  template <class Element>
    requires std::is_same_v<std::remove_const_t<Element>, S>
  explicit State(const FlatView<T, Element>& view) {
    *this = view;
  }

  template <class Element>
    requires std::is_same_v<std::remove_const_t<Element>, S>
  State& operator=(const FlatView<T, Element>& view) {
    this->renew();
    this->view() = view;
    return *this;
  }

  /// Makes all numbers 0.
  void clear() {
    this->renew();
    std::ranges::fill(this->flat(), S{0});
  }
};

}  // namespace ctgrad
