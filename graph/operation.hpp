#pragma once

#include <ctgrad/graph/node.hpp>

#include <string_view>

/// What the graph knows of an operation: its name and its rules, as one record per operation type.
namespace ctgrad {

class Graph;
struct Value;

/// How an operation depends on its real operands.
enum class Linearity : std::uint8_t {
  constant,   ///< not at all: inputs, constants, comparisons
  linear,     ///< jointly linear in all of them: the tangent is the operation itself
  bilinear,   ///< linear in each of two
  nonlinear,  ///< gives a tangent rule
};

/// What an operation does along the rows of its operand's last axis, if that is how it works.
enum class RowWork : std::uint8_t {
  none,
  map,        ///< a row from a row: `row<width>(y, x, attributes)`
  reduction,  ///< a number from a row: `row<width>(x, attributes)`
  fold,       ///< reduces any axes by `combine` from an `identity`
};

/// Where a linear operation's result is 0 because its operands are 0 there, if that can be told.
enum class ZeroRule : std::uint8_t {
  unknown,
  moved,      ///< every element is one of an operand's, of any kind: reshape, slice
  padded,     ///< every element is one of an operand's, or a zero beside them: pad
  summed,     ///< every element is a sum of the first operand's: sum, gather
  scattered,  ///< every element is a sum of the first operand's, or 0 where none is added: scatter_add
};

/// What a tangent rule sees: the node as it was computed and the tangents of its operands, absent where zero.
struct TangentArguments {
  const Value* operands;
  const Value* tangents;
  const Value& result;
  const Attributes& attributes;
};

/// What a transpose rule sees: the operand to find the cotangent of, and the result's cotangent.
struct TransposeArguments {
  int operand;
  const Value& cotangent;  ///< absent for a node with several results
  const Value* operands;
  Type operand_type;
  const Attributes& attributes;
  const Node& node;
  const Value* cotangents;  ///< of every result, absent where zero
};

/// What a batching rule sees: a node, and its operands with a new leading axis where `batched` says so.
struct BatchArguments {
  Graph& graph;
  const Node& node;
  const Value* operands;
  const bool* batched;
  Size count;  ///< the extent of the new axis
};

/// What a definition sees of a node.
struct DefinitionArguments {
  Graph& graph;
  const Value* operands;
  const Type& type;
  const Attributes& attributes;
};

struct Operation {
  std::string_view name;
  std::uint64_t hash = 0;
  Linearity linearity = Linearity::constant;
  bool takes_strides = false;  ///< its kernel reads operands through any strides (views need no copy)
  bool (*accepts_strides)(const Shape& shape, const Shape& strides) = nullptr;  ///< or through such
  bool is_elementwise = false;  ///< its kernel calls `apply` for every element, alone or with its neighbours
  RowWork row_work = RowWork::none;
  ZeroRule zero_rule = ZeroRule::unknown;
  bool is_view = false;  ///< its result is its operand's memory; there is no kernel
  Type (*infer)(const Type* operands, const Attributes& attributes) = nullptr;
  int ids_operand = -1;  ///< the operand whose integers choose rows, if there is one
  Size (*id_limit)(const Type* operands, const Type& result,
                   const Attributes& attributes) = nullptr;  ///< ids are in [0, limit)
  Value (*tangent)(const TangentArguments&) = nullptr;
  Value (*transpose)(const TransposeArguments&) = nullptr;
  /// Null: by its definition; without one, or if it works by elements or along rows, the node on operands
  /// with the new axis.
  Value (*batch)(const BatchArguments&) = nullptr;
  /// Its value from other operations, or an `ops::tuple` of its results. Tangent, transpose and batch follow
  /// from it where they are null.
  Value (*definition)(const DefinitionArguments&) = nullptr;
  /// Writes the types of its results, `max_operands` at most, all of one kind, and returns their number.
  /// Null: there is one, of the node's type. The type of a node with several is a vector in which they lie
  /// behind each other, maybe with room for its kernel at the end; `ops::result` names one, and nothing else
  /// uses the vector.
  int (*results)(const Type* operands, const Attributes& attributes, Type* results) = nullptr;
  /// The operation whose tangent it is. Where it gives way to its definition, the node of that operation with
  /// the same first operand does too, and both share what they compute.
  const Operation* tangent_of = nullptr;
  /// The doubles that its kernel needs room for while it runs; null: none.
  Size (*scratch)(const Type* operands, const Type& result, const Attributes& attributes) = nullptr;
  bool has_kernel = true;  ///< without one, the definition takes the node's place before a graph is run
};

/// FNV-1a over the name.
constexpr std::uint64_t name_hash(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

template <class Op>
constexpr Operation make_operation();

/// The record of an operation; nodes point to it.
template <class Op>
inline constexpr Operation operation = make_operation<Op>();

template <class Op>
constexpr Operation make_operation() {
  Operation record;
  record.name = Op::name;
  record.hash = name_hash(Op::name);
  record.linearity = Op::linearity;
  if constexpr (requires { Op::takes_strides; }) record.takes_strides = Op::takes_strides;
  if constexpr (requires { &Op::accepts_strides; }) record.accepts_strides = &Op::accepts_strides;
  if constexpr (requires { Op::is_elementwise; }) record.is_elementwise = Op::is_elementwise;
  if constexpr (requires { Op::row_work; }) record.row_work = Op::row_work;
  if constexpr (requires { Op::zero_rule; }) record.zero_rule = Op::zero_rule;
  if constexpr (requires { Op::is_view; }) record.is_view = Op::is_view;
  if constexpr (requires { Op::ids_operand; }) record.ids_operand = Op::ids_operand;
  if constexpr (requires { &Op::id_limit; }) record.id_limit = &Op::id_limit;
  if constexpr (requires { &Op::infer; }) record.infer = &Op::infer;
  if constexpr (requires { &Op::tangent; }) record.tangent = &Op::tangent;
  if constexpr (requires { &Op::transpose; }) record.transpose = &Op::transpose;
  if constexpr (requires { &Op::batch; }) record.batch = &Op::batch;
  if constexpr (requires { &Op::definition; }) record.definition = &Op::definition;
  if constexpr (requires { &Op::results; }) record.results = &Op::results;
  if constexpr (requires { &Op::scratch; }) record.scratch = &Op::scratch;
  if constexpr (requires { Op::has_kernel; }) record.has_kernel = Op::has_kernel;
  if constexpr (requires { typename Op::TangentOf; }) record.tangent_of = &operation<typename Op::TangentOf>;
  return record;
}

}  // namespace ctgrad
