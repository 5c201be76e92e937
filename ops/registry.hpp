#pragma once

#include <ctgrad/ops/activations.hpp>
#include <ctgrad/ops/as_real.hpp>
#include <ctgrad/ops/atan2.hpp>
#include <ctgrad/ops/attention/backward.hpp>
#include <ctgrad/ops/batching.hpp>
#include <ctgrad/ops/concatenate.hpp>
#include <ctgrad/ops/constant_array.hpp>
#include <ctgrad/ops/copy.hpp>
#include <ctgrad/ops/cross_entropy.hpp>
#include <ctgrad/ops/dropout.hpp>
#include <ctgrad/ops/embedding.hpp>
#include <ctgrad/ops/identity.hpp>
#include <ctgrad/ops/input.hpp>
#include <ctgrad/ops/iota.hpp>
#include <ctgrad/ops/layer_norm.hpp>
#include <ctgrad/ops/less_equal.hpp>
#include <ctgrad/ops/linear_cross_entropy/gradients.hpp>
#include <ctgrad/ops/log_softmax.hpp>
#include <ctgrad/ops/log_sum_exp.hpp>
#include <ctgrad/ops/logical.hpp>
#include <ctgrad/ops/matmul.hpp>
#include <ctgrad/ops/max.hpp>
#include <ctgrad/ops/maximum.hpp>
#include <ctgrad/ops/minimum.hpp>
#include <ctgrad/ops/norm.hpp>
#include <ctgrad/ops/offset_ids.hpp>
#include <ctgrad/ops/pad.hpp>
#include <ctgrad/ops/power.hpp>
#include <ctgrad/ops/replace_ids.hpp>
#include <ctgrad/ops/trigonometry.hpp>

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
    registry_of<Input, Constant, ConstantArray, Iota, Copy, StopGradient, RecomputeBegin, RecomputeEnd,
                Recompute,                                            // leaves and results
                Add, Sub, Mul, Div, Neg, Maximum, Minimum, MulNoNan,  // arithmetic
                Exp, Log, Sqrt, Rsqrt, Square, Abs, Tanh, Sigmoid, Erf, Erfc, Pow, Power, Sin, Cos, Asin,
                Acos, Atan, Atan2, Sinh, Cosh, Expm1, Log1p, Log1mexp,                      // functions
                Relu, Gelu, GeluTanh, Silu, Softplus,                                       // activations
                Less, LessEqual, Equal, LogicalAnd, LogicalOr, LogicalNot, Select, AsReal,  // masks
                Sum, Max,                                                                   // reductions
                Broadcast, Reshape, Permute, Slice, Pad, Concatenate,                       // layout
                Matmul, Softmax, LogSoftmax, LogSumExp, Normalize, InverseDeviation, Norm,
                Unit,                                                                  // matrices and rows
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
///     inline constexpr auto ctgrad::ops::extension<> = ctgrad::ops::registry_of<Asinh, Flip>();
template <class... None>
inline constexpr auto extension = boost::hana::tuple_t<None...>;

}  // namespace ctgrad::ops
