#pragma once

#include <support/interpreter.hpp>

#include <functional>

namespace ctgrad::test {

/// A node and the values of its operands.
struct Call {
  const Node& node;
  std::vector<const Numbers*> operands;

  const Numbers& operator[](std::size_t i) const { return *operands[i]; }
  const Attributes& attributes() const { return node.attributes; }
  std::vector<std::size_t> shape() const { return extents(node.type.shape); }
};

/// What an operation of the registry computes. One without a specialisation here does not compile.
template <class Op>
Numbers reference(const Call& x) = delete;

using Position = std::vector<std::size_t>;

/// Calls visit(position) for every position of a shape, in row-major order.
inline void for_each_position(const std::vector<std::size_t>& shape,
                              const std::function<void(const Position&)>& visit, Position begin = {}) {
  if (begin.size() == shape.size()) {
    visit(begin);
    return;
  }
  begin.push_back(0);
  for (std::size_t i = 0; i < shape[begin.size() - 1]; ++i) {
    begin.back() = i;
    for_each_position(shape, visit, begin);
  }
}

inline Position followed_by(Position position, std::size_t last) {
  position.push_back(last);
  return position;
}

/// The element at a position.
inline double& at(Numbers& x, const Position& position) {
  return x.element(position.begin(), position.end());
}
inline double at(const Numbers& x, const Position& position) {
  return x.element(position.begin(), position.end());
}

}  // namespace ctgrad::test
