#pragma once

#include <ctgrad/graph/value.hpp>

/// What follows from an operation's definition, for rules that serve some cases alone and leave the others to
/// it. autodiff/by_definition.hpp defines these functions, since they take the transforms.
namespace ctgrad::autodiff {

/// The tangent of a node on `operands`, given theirs, absent where zero: of several results a tuple, or
/// absent if all are zero. Throws std::logic_error if the operation has no definition, as all of these do.
constexpr Value tangent_by_definition(Graph& graph, const Node& node, const Value* operands,
                                      const Value* tangents);

/// The cotangents of those operands of a node that are marked `linear`, absent where zero and for all other
/// operands, given those of its results. Throws std::logic_error where the definition is not linear in them.
constexpr std::vector<Value> cotangents_by_definition(Graph& graph, const Node& node, const Value* operands,
                                                      const bool* linear, const Value* cotangents);

/// The cotangent that a transpose rule is asked for.
constexpr Value cotangent_by_definition(const TransposeArguments& t);

/// A node under `vmap`: of several results a tuple.
constexpr Value batch_by_definition(const BatchArguments& b);

}  // namespace ctgrad::autodiff
