#pragma once

#include <ctgrad/graph/graph.hpp>
#include <ctgrad/onnx/words.hpp>

#include <string_view>
#include <utility>

/// How an operation is written as ONNX.
namespace ctgrad::onnx {

/// A node, as what an operation's `onnx` is given: its operands are terms, as they are for operations by
/// elements, and with their shapes for others.
class Applied {
 public:
  Applied(Builder& to, const Graph& graph, const Node& node, std::vector<Term> operands)
      : to_(to), graph_(graph), node_(node), operands_(std::move(operands)) {}

  const Term& operator[](int i) const { return operands_[static_cast<std::size_t>(i)]; }
  const Node& operand(int i) const { return graph_[node_.operands[i]]; }
  const Shape& shape(int i) const { return operand(i).type.shape; }
  const Shape& shape() const { return node_.type.shape; }
  const Attributes& attributes() const { return node_.attributes; }
  /// The axes that the attributes mark.
  Extents marked_axes() const {
    Extents axes;
    for (int axis = 0; axis < shape().rank; ++axis) {
      if (attributes().integers[axis] != 0) axes.push_back(axis);
    }
    return axes;
  }

  /// One of ONNX' operators, which gives elements like the first input's: x("Exp", x[0]).
  Term operator()(const std::string& operation, const std::same_as<Term> auto&... inputs) const {
    return to_.node(operation, {inputs...});
  }
  /// One on the operands, which gives elements of the node's type.
  Term counterpart(const std::string& operation) const {
    return to_.node(operation, operands_, {}, element());
  }

  /// A number of the node's type, and the node's shape full of it.
  Term number(double number) const { return to_.scalar(element(), number); }
  Term filled(double filling) const { return expanded(number(filling), shape()); }
  /// Integers 0, 1, ... along an axis of the node's shape, in a shape that broadcasts to it.
  Term positions(int axis) const {
    Extents extents;
    for (int i = axis; i < shape().rank; ++i) extents.push_back(i == axis ? shape()[axis] : 1);
    return to_.constant(Element::index, extents, from_zero(shape()[axis]));
  }
  /// Words 0 to count - 1, with so many axes of extent 1 behind them.
  Term counted(Size count, int further_axes) const {
    Extents extents(1 + static_cast<std::size_t>(further_axes), 1);
    extents[0] = count;
    return to_.constant(Element::wide, extents, from_zero(count));
  }

 private:
  Element element() const { return element_of(node_.type.kind); }
  static std::vector<double> from_zero(Size count) {
    std::vector<double> numbers;
    for (Size i = 0; i < count; ++i) numbers.push_back(static_cast<double>(i));
    return numbers;
  }

  Builder& to_;
  const Graph& graph_;
  const Node& node_;
  std::vector<Term> operands_;
};

/// An operation and what is written for a node of it: one operator of ONNX on the same operands, or what a
/// function makes of them.
struct Rule {
  const Operation* operation = nullptr;
  const char* counterpart = nullptr;
  Term (*write)(const Applied&) = nullptr;

  Term operator()(const Applied& x) const { return write != nullptr ? write(x) : x.counterpart(counterpart); }
};

/// An operation whose `onnx` is the name of one of ONNX' operators, on the same operands in their order.
template <class Op>
concept NamedInOnnx = requires { std::string_view(Op::onnx); };
/// One whose `onnx` is that, or a function from Applied to a Term.
template <class Op>
concept SaysOnnx = NamedInOnnx<Op> || requires(const Applied& x) { Op::onnx(x); };

/// The rule that an operation itself says.
template <SaysOnnx Op>
constexpr Rule rule() {
  if constexpr (NamedInOnnx<Op>) {
    return {&operation<Op>, Op::onnx};
  } else {
    return {&operation<Op>, nullptr, [](const Applied& x) -> Term { return Op::onnx(x); }};
  }
}
/// One for an operation that does not, or other than it says.
template <class Op>
constexpr Rule rule(const char* counterpart) {
  return {&operation<Op>, counterpart};
}
template <class Op>
constexpr Rule rule(Term (*write)(const Applied&)) {
  return {&operation<Op>, nullptr, write};
}

}  // namespace ctgrad::onnx
