#pragma once

#include <ctgrad/autodiff/blocks.hpp>
#include <ctgrad/runtime/outputs.hpp>

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#else
#include <xtensor/xarray.hpp>
#endif

/// What a program gives for the derivatives of trees by trees.
namespace ctgrad {
namespace runtime {

/// The real arrays of a tree one behind the other, offsets without gaps between them; made once.
template <class T>
const std::vector<FlatEntry>& packed_entries() {
  static const std::vector<FlatEntry> entries = [] {
    std::vector<FlatEntry> list;
    std::size_t end = 0;
    const T tree{};
    const auto append = [&](const auto& leaf, const std::string& path) {
      list.push_back({path, leaf.shape, end});
      end += static_cast<std::size_t>(leaf.size);
    };
    for_each_leaf(tree, append, "");
    return list;
  }();
  return entries;
}

/// Throws std::out_of_range, naming `of`, if none has that name.
inline const FlatEntry& entry_named(const std::vector<FlatEntry>& entries, std::string_view name,
                                    std::string_view of) {
  for (const FlatEntry& entry : entries) {
    if (entry.name == name) return entry;
  }
  throw std::out_of_range("no array of the " + std::string(of) + " is named '" + std::string(name) + "'");
}

}  // namespace runtime

/// The derivatives of a Result by an Argument at run time. `matrix` has a row for every element of the result
/// and a column for every element of the argument, the arrays of each in their order.
template <class Result, class Argument, class Matrix>
struct BlocksView {
  using Scalar = typename Matrix::value_type;

  Matrix matrix;

  /// A copy of one block, [result's array..., argument's array...]: `h("head.weight", "head.bias")`. Where
  /// one of the two is an array itself, its name is "". Throws std::out_of_range for a name that is none.
  xt::xarray<Scalar> operator()(std::string_view result, std::string_view argument) const {
    const FlatEntry& rows = runtime::entry_named(runtime::packed_entries<Result>(), result, "result");
    const FlatEntry& columns =
        runtime::entry_named(runtime::packed_entries<Argument>(), argument, "argument");
    std::vector<std::size_t> extents;
    for (const FlatEntry* entry : {&rows, &columns}) {
      for (int axis = 0; axis < entry->shape.rank; ++axis)
        extents.push_back(static_cast<std::size_t>(entry->shape[axis]));
    }
    xt::xarray<Scalar> block(extents);
    const auto height = static_cast<std::size_t>(rows.shape.size());
    const auto width = static_cast<std::size_t>(columns.shape.size());
    for (std::size_t i = 0; i < height; ++i) {
      for (std::size_t j = 0; j < width; ++j)
        block.data()[i * width + j] = matrix(rows.offset + i, columns.offset + j);
    }
    return block;
  }

  /// The block of that name where the result or the argument is one array: `j["head.weight"]`.
  xt::xarray<Scalar> operator[](std::string_view name) const
    requires(ArrayLike<Result> || ArrayLike<Argument>)
  {
    if constexpr (ArrayLike<Result>) {
      return (*this)("", name);
    } else {
      return (*this)(name, "");
    }
  }
};

namespace runtime {

template <class Scalar, class Result, class Argument>
struct Output<Scalar, Blocks<Result, Argument>> {
  template <class Machine>
  static auto read(const Machine& machine, std::size_t first) {
    auto matrix = Output<Scalar, typename Blocks<Result, Argument>::Matrix>::read(machine, first);
    return BlocksView<Result, Argument, decltype(matrix)>{matrix};
  }
};

}  // namespace runtime
}  // namespace ctgrad
