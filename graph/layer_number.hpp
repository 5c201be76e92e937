#pragma once

#include <ctgrad/graph/tree.hpp>

/// Numbers by which the layers of a model tell themselves apart where no parameter does: two that drop, given
/// one key, drop different elements.
namespace ctgrad {

/// How many such layers come before this one in its model: the first has 0, as has one outside a model. A
/// layer has it as a member beside those that BOOST_HANA_DEFINE_STRUCT lists:
///
///     LayerNumber layer_number;
struct LayerNumber {
  std::int32_t value = 0;
};

template <class T>
concept NumberedLayer = requires(T& layer) { layer.layer_number.value = 1; };

/// Numbers the layers of a tree from `next` on, in the order of its members. What is within a numbered layer
/// is left to that layer.
template <class T>
constexpr void number_layers(T& root, std::int32_t& next) {
  if constexpr (NumberedLayer<T>) {
    root.layer_number.value = next++;
  } else if constexpr (tree::IsStdArray<T>::value) {
    for (auto& part : root) number_layers(part, next);
  } else if constexpr (tree::IsSequence<T>::value) {
    std::apply([&](auto&... part) { (number_layers(part, next), ...); }, root);
  } else if constexpr (StructTree<T> && !ArrayLike<T>) {
    boost::hana::for_each(boost::hana::accessors<T>(), [&](const auto& member) {
      number_layers(boost::hana::second(member)(root), next);
    });
  }
}
template <class T>
constexpr void number_layers(T& root) {
  std::int32_t next = 0;
  number_layers(root, next);
}

}  // namespace ctgrad
