#pragma once

#include <ctgrad/graph/define_struct.hpp>
#include <ctgrad/graph/tensor.hpp>

#include <boost/hana/accessors.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/core/to.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/second.hpp>

#include <array>
#include <string>
#include <tuple>

/// Trees of arrays: what functions take and return. A tree is an array, a Hana-reflected struct of trees (a
/// model), a std::array of trees (its layers) or a std::tuple of trees.
namespace ctgrad {

namespace tree {

template <Kind K, Size... D>
std::true_type is_array(const Array<K, D...>*);
std::false_type is_array(const void*);

}  // namespace tree

/// A type that is an array or, like a parameter, derives from one.
template <class T>
concept ArrayLike = decltype(tree::is_array(static_cast<const T*>(nullptr)))::value;

template <class T>
concept StructTree = boost::hana::Struct<T>::value;

namespace tree {

template <class T>
struct IsStdArray : std::false_type {};
template <class T, std::size_t N>
struct IsStdArray<std::array<T, N>> : std::true_type {};

template <class T>
struct IsSequence : IsStdArray<T> {};
template <class... T>
struct IsSequence<std::tuple<T...>> : std::true_type {};

/// The path of a part: "layers" and "0" -> "layers.0". Behind a call, since every walk over paths is compiled
/// for every part of a model.
[[gnu::noinline, gnu::cold]] constexpr std::string below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

}  // namespace tree

template <class T>
concept Tree = ArrayLike<T> || StructTree<T> || tree::IsSequence<T>::value;

/// Calls visit(leaf, path) for every array of a tree, in order; the path reads "layers.0.weight". Equal
/// layers are a loop, so that a deep model is no more code than a flat one.
template <class T, class Visit>
[[gnu::cold]] constexpr void for_each_leaf(T& root, Visit&& visit, const std::string& path) {
  using Plain = std::remove_const_t<T>;
  if constexpr (ArrayLike<Plain>) {
    visit(root, path);
  } else if constexpr (tree::IsStdArray<Plain>::value) {
    Size position = 0;
    for (auto& part : root) for_each_leaf(part, visit, tree::below(path, to_string(position++)));
  } else if constexpr (tree::IsSequence<Plain>::value) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (for_each_leaf(std::get<I>(root), visit, tree::below(path, to_string(static_cast<Size>(I)))), ...);
    }(std::make_index_sequence<std::tuple_size_v<Plain>>{});
  } else {
    static_assert(StructTree<Plain>,
                  "a tree is an array, a Hana-reflected struct, a std::array or a std::tuple of trees");
    boost::hana::for_each(boost::hana::accessors<Plain>(), [&](const auto& member) {
      for_each_leaf(boost::hana::second(member)(root), visit,
                    tree::below(path, boost::hana::to<const char*>(boost::hana::first(member))));
    });
  }
}

/// Calls visit(leaf) for every array of a tree, in order.
template <class T, class Visit>
constexpr void for_each_leaf(T& root, Visit&& visit) {
  using Plain = std::remove_const_t<T>;
  if constexpr (ArrayLike<Plain>) {
    visit(root);
  } else if constexpr (tree::IsStdArray<Plain>::value) {
    for (auto& part : root) for_each_leaf(part, visit);
  } else if constexpr (tree::IsSequence<Plain>::value) {
    std::apply([&](auto&... part) { (for_each_leaf(part, visit), ...); }, root);
  } else {
    static_assert(StructTree<Plain>,
                  "a tree is an array, a Hana-reflected struct, a std::array or a std::tuple of trees");
    boost::hana::for_each(boost::hana::accessors<Plain>(), [&](const auto& member) {
      for_each_leaf(boost::hana::second(member)(root), visit);
    });
  }
}

/// How many arrays a tree type holds.
template <class T>
constexpr std::size_t leaf_count() {
  std::size_t count = 0;
  T tree{};
  for_each_leaf(tree, [&](const auto&) { ++count; });
  return count;
}

}  // namespace ctgrad
