#pragma once

#include <ctgrad/ops/abs.hpp>
#include <ctgrad/ops/as_real.hpp>
#include <ctgrad/ops/attention_backward.hpp>
#include <ctgrad/ops/batching.hpp>
#include <ctgrad/ops/concatenate.hpp>
#include <ctgrad/ops/copy.hpp>
#include <ctgrad/ops/cross_entropy.hpp>
#include <ctgrad/ops/dropout.hpp>
#include <ctgrad/ops/embedding.hpp>
#include <ctgrad/ops/erf.hpp>
#include <ctgrad/ops/exp.hpp>
#include <ctgrad/ops/expm1.hpp>
#include <ctgrad/ops/gelu.hpp>
#include <ctgrad/ops/identity.hpp>
#include <ctgrad/ops/input.hpp>
#include <ctgrad/ops/iota.hpp>
#include <ctgrad/ops/layer_norm.hpp>
#include <ctgrad/ops/less_equal.hpp>
#include <ctgrad/ops/linear_cross_entropy_gradients.hpp>
#include <ctgrad/ops/log.hpp>
#include <ctgrad/ops/log1mexp.hpp>
#include <ctgrad/ops/log1p.hpp>
#include <ctgrad/ops/log_softmax.hpp>
#include <ctgrad/ops/log_sum_exp.hpp>
#include <ctgrad/ops/logical.hpp>
#include <ctgrad/ops/matmul.hpp>
#include <ctgrad/ops/max.hpp>
#include <ctgrad/ops/maximum.hpp>
#include <ctgrad/ops/minimum.hpp>
#include <ctgrad/ops/offset_ids.hpp>
#include <ctgrad/ops/pad.hpp>
#include <ctgrad/ops/pow.hpp>
#include <ctgrad/ops/relu.hpp>
#include <ctgrad/ops/replace_ids.hpp>
#include <ctgrad/ops/rsqrt.hpp>
#include <ctgrad/ops/silu.hpp>
#include <ctgrad/ops/sin_cos.hpp>
#include <ctgrad/ops/softplus.hpp>
#include <ctgrad/ops/sqrt.hpp>

#include <boost/hana/tuple.hpp>

namespace ctgrad::ops {

/// Says whether an operation gives the tests its samples.
template <class Op>
struct operation_record {
  static constexpr bool has_samples = Sampled<Op>;
};

/// A list of operations, each with its samples.
template <class... Ops>
constexpr auto registry_of() {
  static_assert((operation_record<Ops>::has_samples && ...),
                "registry: an operation gives no samples for its tests");
  return boost::hana::tuple_t<Ops...>;
}

/// Every operation there is. Kernels, tests, tables and documentation go through this list.
inline constexpr auto registry =
    registry_of<Input, Constant, Iota, Copy, StopGradient, CheckpointBegin, CheckpointEnd,
                Recompute,                                            // leaves and results
                Add, Sub, Mul, Div, Neg, Maximum, Minimum, MulNoNan,  // arithmetic
                Exp, Log, Sqrt, Rsqrt, Square, Abs, Tanh, Sigmoid, Erf, Erfc, Pow, Sin, Cos, Expm1, Log1p,
                Log1mexp,                                                                   // functions
                Relu, Gelu, GeluTanh, Silu, Softplus,                                       // activations
                Less, LessEqual, Equal, LogicalAnd, LogicalOr, LogicalNot, Select, AsReal,  // masks
                Sum, Max,                                                                   // reductions
                Broadcast, Reshape, Permute, Slice, Pad, Concatenate,                       // layout
                Matmul, Softmax, LogSoftmax, LogSumExp, Normalize,
                InverseDeviation,                                                      // matrices and rows
                Gather, ScatterAdd, Pick, Place, CrossEntropy, OffsetIds, ReplaceIds,  // ids
                FoldKey, KeepMask,                                                     // randomness
                Attention, LinearCrossEntropy>();                                      // fused

/// Operations that only derivative rules make, for operands that belong together. Their meaning is their
/// definition.
inline constexpr auto derived_registry = boost::hana::tuple_t<AttentionBackward, LinearCrossEntropyGradients>;

/// Operations of your own, which programs find kernels among besides. Specialise it once in a program, in a
/// header that goes before every Program made with them:
///
///     template <>
///     inline constexpr auto ctgrad::ops::extension<> = ctgrad::ops::registry_of<Atan, Flip>();
template <class... None>
inline constexpr auto extension = boost::hana::tuple_t<None...>;

}  // namespace ctgrad::ops
