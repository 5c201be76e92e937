#pragma once

#include <ctgrad/runtime/layout.hpp>

#include <vector>

namespace ctgrad::runtime {

/// Real arrays of a tree in one flat buffer, such as Parameters.
template <class T>
concept FlatTree = requires(const T& tree) { tree.flat(); };

/// Real arrays of a tree that lie anywhere, and say where: ArrayPointers and io::MappedParameters.
template <class T>
concept ScatteredTree = requires(const T& tree) { tree.pointers(); };

/// Where the real arrays of the tree T begin. A program takes it in place of them, for as long as they stay
/// where they are.
template <class T, class S>
class ArrayPointers {
 public:
  using Model = T;
  using Scalar = S;

  /// Of no arrays.
  ArrayPointers() = default;

  template <FlatTree Arrays>
  explicit ArrayPointers(const Arrays& arrays) {
    const T tree{};
    const S* data = arrays.flat().data();
    for_each_offset<const T, S>(tree,
                                [&](const auto&, std::size_t offset) { pointers_.push_back(data + offset); });
  }
  template <ScatteredTree Arrays>
  explicit ArrayPointers(const Arrays& arrays)
      : pointers_(arrays.pointers().begin(), arrays.pointers().end()) {}

  const std::vector<const S*>& pointers() const { return pointers_; }

 private:
  std::vector<const S*> pointers_;
};

}  // namespace ctgrad::runtime
