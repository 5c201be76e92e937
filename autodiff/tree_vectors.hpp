#pragma once

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/graph/layer_number.hpp>

/// Trees as vectors: all arrays of a kind behind each other, as one operand of an operation on trees.
namespace ctgrad {
namespace autodiff {

/// The types of a list of trees' arrays of one kind, in order.
template <class... Trees>
constexpr std::vector<Type> leaf_types(Kind kind) {
  std::vector<Type> types;
  const auto append = [&](const auto& leaf) {
    if (leaf.kind == kind) types.push_back(leaf.type);
  };
  const std::tuple<Trees...> trees{};
  for_each_leaf(trees, append);
  return types;
}

/// How many real numbers a list of trees holds.
template <class... Trees>
constexpr Size real_size() {
  Size size = 0;
  for (const Type& type : leaf_types<Trees...>(Kind::real)) size += type.shape.size();
  return size;
}

/// The elements of several values in one vector; absent if there are none.
constexpr Value flattened(const std::vector<Value>& values) {
  Value all;
  for (const Value value : values) {
    const Value vector = ops::as_vector(value);
    all = all.absent() ? vector : ops::concatenate(all, vector, 0);
  }
  return all;
}

/// The arrays of one kind of a list of trees in one vector; absent if there are none.
template <class... Trees>
constexpr Value flattened(Graph& graph, Kind kind, const Trees&... trees) {
  std::vector<Value> values;
  const auto append = [&](const auto& leaf) {
    if (leaf.kind == kind) values.push_back(leaf.in(graph));
  };
  (for_each_leaf(trees, append), ...);
  return flattened(values);
}

/// `size` elements of a vector from `begin` on; of what it was concatenated from, if they are of one part.
constexpr Value elements(Value vector, Size begin, Size size) {
  while (vector.node().operation == &operation<ops::Concatenate>) {
    const Size first = vector.operand(0).shape()[0];
    if (begin + size <= first) {
      vector = vector.operand(0);
    } else if (begin >= first) {
      vector = vector.operand(1);
      begin -= first;
    } else {
      break;
    }
  }
  if (begin == 0 && size == vector.shape()[0]) return vector;
  std::int32_t from[max_rank] = {};
  from[0] = static_cast<std::int32_t>(begin);
  return ops::slice(vector, from, shape_of(size));
}

/// Hands out arrays of given shapes from a vector, one behind the other.
class Parts {
 public:
  constexpr explicit Parts(Value vector) : vector_(vector) {}

  constexpr Value next(const Shape& shape) {
    const Size begin = begin_;
    begin_ += shape.size();
    return ops::reshape(elements(vector_, begin, shape.size()), shape);
  }

 private:
  Value vector_;
  Size begin_ = 0;
};

/// A tree whose arrays are parts of three vectors, one for each kind.
template <class T>
constexpr T from_parts(Parts& real, Parts& index, Parts& mask) {
  T tree{};
  for_each_leaf(tree, [&](auto& leaf) {
    Parts& parts = leaf.kind == Kind::real ? real : leaf.kind == Kind::index ? index : mask;
    leaf.value = parts.next(leaf.shape);
  });
  return tree;
}

}  // namespace autodiff

/// All real arrays of a tree as one vector, in their order: of a model, its parameters.
template <Tree T>
constexpr auto ravel(const T& tree) {
  constexpr Size size = autodiff::real_size<T>();
  return Tensor<size>{autodiff::flattened(autodiff::graph_of_trees(tree), Kind::real, tree)};
}

/// The tree of type T whose real arrays are the parts of a vector; T holds no others.
template <Tree T, Size N>
constexpr T unravel(const Tensor<N>& vector) {
  static_assert(N == autodiff::real_size<T>(), "unravel: the vector has another size than the tree");
  static_assert(autodiff::leaf_types<T>(Kind::index).empty() && autodiff::leaf_types<T>(Kind::mask).empty(),
                "unravel: the tree is not all real");
  autodiff::Parts parts(vector.in(graph_of(vector)));
  T tree{};
  number_layers(tree);
  return autodiff::replace_leaves(tree, [&](const Type& type) { return parts.next(type.shape); });
}

}  // namespace ctgrad
