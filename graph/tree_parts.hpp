#pragma once

#include <ctgrad/graph/define_struct.hpp>
#include <ctgrad/graph/tree.hpp>

#include <algorithm>

/// What a type lacks to be a tree of arrays, for messages that name the part of it that is at fault.
namespace ctgrad::tree {

/// The type of a member that an accessor does not tell.
struct Unknown {};

/// A member of a reflected struct as Hana's macros describe it: its type and the struct it is of.
template <class Accessor>
struct Member {
  using type = Unknown;
  template <class T>
  static constexpr bool is_of = true;
};
template <class Type, class Owner, Type Owner::*Pointer>
struct Member<boost::hana::struct_detail::member_ptr<Type Owner::*, Pointer>> {
  using type = Type;
  template <class T>
  static constexpr bool is_of = std::is_base_of_v<Owner, T>;
};

/// The bytes of a struct that has these members alone, in this order.
template <class... Members>
constexpr std::size_t bytes_of() {
  std::size_t bytes = 0;
  std::size_t alignment = 1;
  [[maybe_unused]] const auto add = [&](std::size_t size, std::size_t member_alignment) {
    bytes = (bytes + member_alignment - 1) / member_alignment * member_alignment + size;
    alignment = std::max(alignment, member_alignment);
  };
  (add(sizeof(Members), alignof(Members)), ...);
  return (bytes + alignment - 1) / alignment * alignment;
}

enum class Fault : std::uint8_t { none, no_tree, members_of_another, unlisted_members };

/// The first part of T, or T itself, that is at fault; void if none is.
template <class T>
struct Part {
  using type = T;
  static constexpr Fault fault = Fault::no_tree;
};

template <class... T>
struct FirstPart {
  using type = void;
  static constexpr Fault fault = Fault::none;
};
template <class First, class... Others>
struct FirstPart<First, Others...>
    : std::conditional_t<Part<First>::fault == Fault::none, FirstPart<Others...>, Part<First>> {};

template <>
struct Part<Unknown> : FirstPart<> {};
template <ArrayLike T>
struct Part<T> : FirstPart<> {};
template <class T, std::size_t N>
struct Part<std::array<T, N>> : Part<T> {};
template <class... T>
struct Part<std::tuple<T...>> : FirstPart<T...> {};

/// A struct and Hana's list of its members, pairs of name and accessor.
template <class T, class Accessors>
struct StructPart;
template <class T, template <class...> class Tuple, template <class, class> class... Pair, class... Name,
          class... Accessor>
struct StructPart<T, Tuple<Pair<Name, Accessor>...>> {
  static constexpr Fault own() {
    if (!(Member<Accessor>::template is_of<T> && ...)) return Fault::members_of_another;
    if constexpr (!(std::is_same_v<typename Member<Accessor>::type, Unknown> || ...)) {
      if (sizeof(T) >= bytes_of<typename Member<Accessor>::type...>() + sizeof(Tensor<>))
        return Fault::unlisted_members;
    }
    return Fault::none;
  }
  using Members = FirstPart<typename Member<Accessor>::type...>;
  static constexpr Fault fault = own() != Fault::none ? own() : Members::fault;
  using type = std::conditional_t<own() == Fault::none, typename Members::type, T>;
};

template <class T>
  requires(StructTree<T> && !ArrayLike<T>)
struct Part<T> : StructPart<T, std::remove_cvref_t<decltype(boost::hana::accessors<T>())>> {};

/// The conditions of static_asserts, named by the part that is at fault.
template <class Part, Fault F>
struct part {
  static constexpr bool is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT = F != Fault::no_tree;
  static constexpr bool is_named_in_its_own_BOOST_HANA_DEFINE_STRUCT = F != Fault::members_of_another;
  static constexpr bool lists_all_its_members = F != Fault::unlisted_members;
};
template <class T>
using faulty_part = part<typename Part<T>::type, Part<T>::fault>;

template <class T>
inline constexpr bool is_whole = Part<T>::fault == Fault::none;

}  // namespace ctgrad::tree
