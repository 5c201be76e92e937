#pragma once

#include <ctgrad/ops/as_real.hpp>
#include <ctgrad/passes/attention_pattern.hpp>

/// Dropout on the weights of attention, as people write it.
namespace ctgrad::passes {

/// A chain from what the values are multiplied by up to the softmax, with what lies between taken off.
struct DroppedWeights {
  Value softmax;
  double factor = 1;  ///< of all that is kept
  Value keep;         ///< the mask of what is kept, a KeepMask; absent if nothing is dropped
};

/// Reads select(keep, w, 0) and w as_real(keep), with numbers multiplied in before or behind, from the last
/// of them up.
class DropoutMatcher {
 public:
  /// The operand to go on with from a node; -1 where the chain ends or is none of dropout.
  constexpr int follow(Value x) {
    const Operation* op = x.node().operation;
    if (op == &operation<ops::Select>) return follow_select(x);
    if (op != &operation<ops::Mul> && op != &operation<ops::Div>) return -1;
    for (const int side : {1, 0}) {
      if (side == 0 && op == &operation<ops::Div>) break;
      const std::optional<double> factor = constant_of(x.operand(side));
      if (factor && *factor != 0) {
        found.factor = op == &operation<ops::Div> ? found.factor / *factor : found.factor * *factor;
        return 1 - side;
      }
      const Value mask = x.operand(side);
      if (op == &operation<ops::Mul> && mask.node().operation == &operation<ops::AsReal>)
        return take(mask.operand(0), x) ? 1 - side : -1;
    }
    return -1;
  }

  DroppedWeights found;

 private:
  /// select(keep, w, 0) or select(!keep, 0, w)
  constexpr int follow_select(Value x) {
    Value mask = x.operand(0);
    int kept = 1;
    while (mask.node().operation == &operation<ops::LogicalNot>) {
      mask = mask.operand(0);
      kept = 3 - kept;
    }
    const std::optional<double> other = constant_of(x.operand(3 - kept));
    return other && *other == 0 && take(mask, x) ? kept : -1;
  }

  /// A mask of the weights' own shape by one key, that drops some of them.
  constexpr bool take(Value mask, Value weights) {
    if (!found.keep.absent() || mask.node().operation != &operation<ops::KeepMask>) return false;
    const std::uint64_t threshold = ops::drop_threshold(mask.node().attributes.value);
    if (!(mask.shape() == weights.shape()) || mask.operand(0).shape().rank != 1) return false;
    if (threshold == 0 || threshold > 0xFFFFFFFF) return false;
    found.keep = mask;
    return true;
  }
};

}  // namespace ctgrad::passes
