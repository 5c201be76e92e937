#pragma once

#include <ctgrad/graph/tree.hpp>
#include <ctgrad/plan/memory.hpp>

#include <string>
#include <vector>

/// How the real arrays of a tree lie one behind the other in a flat buffer.
namespace ctgrad {

/// One array of a flat buffer.
struct FlatEntry {
  std::string name;  ///< "encoder.layers.0.attention.query.weight"
  Shape shape;
  std::size_t offset = 0;  ///< in elements

  bool operator==(const FlatEntry&) const = default;
};

namespace runtime {

/// "'head.weight', 'head.bias'", the first of them where there are many.
inline std::string names_in(const std::vector<FlatEntry>& entries) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < entries.size() && i < most; ++i)
    text += (i > 0 ? ", '" : "'") + entries[i].name + '\'';
  return entries.size() > most ? text + " and " + std::to_string(entries.size() - most) + " more" : text;
}

/// Calls visit(leaf, offset in elements) for every array; each begins at a multiple of the arena's alignment,
/// so that parameters, gradients and moments have equal offsets. Returns the length of the buffer.
template <class T, class Scalar, class Visit>
constexpr std::size_t for_each_offset(T& tree, Visit visit) {
  std::size_t end = 0;
  for_each_leaf(tree, [&](auto& leaf) {
    static_assert(std::remove_cvref_t<decltype(leaf)>::kind == Kind::real,
                  "a flat buffer holds real numbers alone");
    visit(leaf, end);
    const Size bytes = plan::aligned(leaf.size * static_cast<Size>(sizeof(Scalar)));
    end += static_cast<std::size_t>(bytes) / sizeof(Scalar);
  });
  return end;
}

template <class T, class Scalar>
constexpr std::size_t flat_size() {
  T tree{};
  return for_each_offset<T, Scalar>(tree, [](const auto&, std::size_t) {});
}

/// Names, shapes and offsets of a tree's arrays; made once.
template <class T, class Scalar>
const std::vector<FlatEntry>& flat_entries() {
  static const std::vector<FlatEntry> entries = [] {
    std::vector<FlatEntry> list;
    T tree{};
    for_each_leaf(
        tree,
        [&](const auto& leaf, const std::string& path) {
          list.push_back({path, leaf.shape, 0});
        },
        "");
    std::size_t i = 0;
    for_each_offset<T, Scalar>(tree, [&](const auto&, std::size_t offset) { list[i++].offset = offset; });
    return list;
  }();
  return entries;
}

}  // namespace runtime
}  // namespace ctgrad
