#pragma once

#include <ctgrad/ops/equal.hpp>
#include <ctgrad/ops/less.hpp>
#include <ctgrad/ops/mean.hpp>
#include <ctgrad/ops/pick.hpp>
#include <ctgrad/ops/select.hpp>
#include <ctgrad/ops/softmax.hpp>
#include <ctgrad/ops/weighted_mean.hpp>

namespace ctgrad::ops {

/// logits [..., classes], targets [...] -> [...]: -log softmax(logits)[target] of every row.
struct CrossEntropy {
  static constexpr auto name = "cross_entropy";
  static auto onnx(const auto& x) {
    return -reshaped(picked(along("LogSoftmax", -1, x[0]), x[1]), x.shape());
  }
  static constexpr Linearity linearity = Linearity::nonlinear;
  static constexpr int ids_operand = 1;
  static constexpr Size id_limit(const Type* operands, const Type&, const Attributes&) {
    return operands[0].shape.last();
  }

  static constexpr Type infer(const Type* x, const Attributes&) {
    require_id_per_row(name, x);
    return {Kind::real, x[1].shape};
  }
  static constexpr Samples samples() { return id_per_row_samples(); }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr Size width = Call::operand_shape(0).last();
    for (Size i = 0; i < Call::shape.size(); ++i) {
      const auto* x = Call::template operand<0>(p) + i * width;
      const auto maximum = kernels::row_max<width>(x);
      const auto distance = maximum - x[Call::template operand<1>(p)[i]];
      Call::result(p)[i] = distance + kernels::log_sum<width>(x, maximum);
    }
  }

  /// The sum over the row of (softmax(x) - one-hot) dx.
  static constexpr Value tangent(const TangentArguments& t) {
    const Value x = t.operands[0];
    const Value dx = t.tangents[0];
    return reshape(sum_last(softmax(x) * dx), t.result.shape()) - pick(dx, t.operands[1]);
  }
};

}  // namespace ctgrad::ops

namespace ctgrad {

namespace ops {

/// One number for every row of logits: [..., classes] -> [...].
template <class Logits>
using RowNumbers = array_of<Kind::real, dropped_axis(Logits::shape, -1)>;

/// The logits, with zeros in rows of weight 0.
template <Size... D, Size... W>
constexpr auto without_ignored(const Tensor<D...>& logits, const Tensor<W...>& weights) {
  static_assert(sizeof...(D) >= 1, "cross_entropy: a scalar has no last axis");
  static_assert(shapes<RowNumbers<Tensor<D...>>, Tensor<W...>>::equal,
                "cross_entropy: the weights are not one for every row of logits");
  return select(reshape<W..., 1>(weights == 0), 0, logits);
}

}  // namespace ops

constexpr Value cross_entropy_rows(Value logits, Value targets) {
  return emit<ops::CrossEntropy>(logits, targets);
}

/// -log softmax(logits)[target] of every row: logits [..., classes], targets [...] -> [...]. Running with a
/// target outside [0, classes) throws std::out_of_range before any result has changed.
template <Size... D, Size... T>
constexpr auto cross_entropy_rows(const Tensor<D...>& logits, const Index<T...>& targets) {
  static_assert(sizeof...(D) >= 1, "cross_entropy: a scalar has no last axis");
  static_assert(shapes<ops::RowNumbers<Tensor<D...>>, Tensor<T...>>::equal,
                "cross_entropy: the targets are not one for every row of logits");
  Graph& graph = graph_of(logits, targets);
  return Tensor<T...>{cross_entropy_rows(logits.in(graph), targets.in(graph))};
}

/// The mean cross-entropy over all rows.
template <Size... D, Size... T>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Index<T...>& targets) {
  return mean(cross_entropy_rows(logits, targets));
}

/// The mean over all rows, weighted: sum(w * loss) / sum(w), weights [...]. A row of weight 0 is ignored,
/// whatever its logits hold, and takes no gradient; where all are, the loss is 0. Its target is in [0,
/// classes) all the same: a padding id of -1 is refused there as anywhere, so padding is given any other,
/// such as 0.
template <Size... D, Size... T, Size... W>
constexpr auto cross_entropy(const Tensor<D...>& logits, const Index<T...>& targets,
                             const Tensor<W...>& weights) {
  static_assert(shapes<ops::RowNumbers<Tensor<D...>>, Tensor<T...>>::equal,
                "cross_entropy: the targets are not one for every row of logits");
  return ops::weighted_mean(cross_entropy_rows(ops::without_ignored(logits, weights), targets), weights);
}

}  // namespace ctgrad
