#pragma once

#include <ctgrad/graph/node.hpp>

#include <optional>
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

/// Where a linear or bilinear operation's result is 0 because its operands are 0 there, if that can be told.
enum class ZeroRule : std::uint8_t {
  unknown,
  kept,        ///< where its operand is: -x
  chosen,      ///< where the branch that a mask chooses is: select
  added,       ///< where both operands are: a + b, a - b
  scaled,      ///< where one operand is, if the other is a finite number: a * b
  divided,     ///< where the first operand is, if the second is a finite number: a / b
  multiplied,  ///< where the left matrix has a row of zeros, or the right one a column: matmul
  reduced,     ///< every element is a sum over the axes that the attributes mark: sum
  moved,       ///< every element is one of an operand's, of any kind: reshape, slice
  padded,      ///< every element is one of an operand's, or a zero beside them: pad
  summed,      ///< every element is a sum of the first operand's: gather, pick
  scattered,   ///< every element is a sum of the first operand's, or 0 where none is added: scatter_add
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

/// What a view sees: the shape and the strides of its operand, and its own shape and attributes.
struct ViewArguments {
  const Shape& from;
  const Shape& strides;
  const Shape& to;
  const Attributes& attributes;
};

/// What folding sees of a node whose operands are constants: the number in all elements of each, and types.
struct FoldArguments {
  const double* numbers;
  const Type* operands;
  const Type& result;
};

/// What an operation is: whatever passes, transforms, the planner or tables ask of it, so that none of them
/// names operations.
struct Operation {
  std::string_view name;
  std::uint64_t hash = 0;
  Linearity linearity = Linearity::constant;
  bool takes_strides = false;  ///< its kernel reads operands through any strides (views need no copy)
  bool (*accepts_strides)(const Shape& shape, const Shape& strides) = nullptr;  ///< or through such
  bool is_elementwise = false;  ///< its kernel calls `apply` for every element, alone or with its neighbours
  RowWork row_work = RowWork::none;
  bool has_epilogue = false;  ///< its kernel can hand what it computes to a group, or add it in place
  ZeroRule zero_rule = ZeroRule::unknown;
  bool is_view = false;            ///< its result is its operand's memory; there is no kernel
  bool is_input = false;           ///< a value that comes from outside
  bool is_splat = false;           ///< a constant: every element is attributes.value
  bool moves = false;              ///< computes nothing: every element is one of an operand's, or a 0 beside
  bool repeats = false;            ///< every element is the operand's, along axes that the operand has once
  bool adds = false;               ///< a + b
  bool commutes = false;           ///< op(a, b) is op(b, a)
  bool is_never_negative = false;  ///< no element is below 0, so far as algebra knows; it may be NaN
  bool is_late = false;            ///< what follows from it is computed as late as it can be
  bool chooses_rows = false;       ///< its ids choose rows of a table: messages speak of an embedding
  bool keeps_name = false;         ///< messages name its result as they name its operand
  /// The floating-point operations of a node; null: one for every element that it reads or writes, whichever
  /// are more, and none if it moves elements or gives integers.
  Size (*flops)(const Type* operands, const Type& result, const Attributes& attributes) = nullptr;
  /// The number in every element of the result, where all operands are constants and it can be told; null:
  /// operations on constants are left to the program.
  std::optional<double> (*fold)(const FoldArguments&) = nullptr;
  /// Finds the strides through which the result is read in its operand's memory, and says whether there are
  /// any; null: the result has memory of its own.
  bool (*view_strides)(const ViewArguments&, Shape& strides) = nullptr;
  /// How many elements behind its operand's first a view begins, by the operand's strides; null: none.
  Size (*view_offset)(const Shape& strides, const Attributes& attributes) = nullptr;
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
  /// How many parts its kernel can compute apart from each other, for threads that share a call; null: one.
  Size (*parts)(const Type* operands, const Type& result, const Attributes& attributes) = nullptr;
  /// In how many stages, each of which reads what all parts of those before have computed; null: one.
  Size (*stages)(const Type* operands, const Type& result, const Attributes& attributes) = nullptr;
  /// The real operands, a bit each, that its kernel can read where they are stored as bf16, and whether it
  /// can store its result so. What works by elements or along rows can do both.
  std::uint32_t reads_bf16 = 0;
  bool writes_bf16 = false;
  int first_float_result = max_operands;  ///< of several results, the first one that is never stored as bf16
  /// The doubles that its kernel needs room for where an operand or the result is stored as bf16; null: those
  /// of `scratch`.
  Size (*bf16_scratch)(const Type* operands, const Type& result, const Attributes& attributes) = nullptr;
  bool has_kernel = true;  ///< without one, the definition takes the node's place before a graph is run

  /// Says whether every element of the result is computed from the operands' elements at its position.
  constexpr bool works_by_elements() const { return is_elementwise && !repeats; }
};

/// FNV-1a over the name.
constexpr std::uint64_t name_hash(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

/// The result of an elementwise operation on numbers by its own `apply`.
template <class Op>
constexpr std::optional<double> fold_elements(const FoldArguments& f) {
  if constexpr (requires { Op::apply(1.0, 1.0); }) {
    return Op::apply(f.numbers[0], f.numbers[1]);
  } else {
    return Op::apply(f.numbers[0]);
  }
}

template <class Op>
constexpr Operation make_operation();

/// The record of an operation; nodes point to it.
template <class Op>
inline constexpr Operation operation = make_operation<Op>();

/// The facts of an operation that are constants.
template <class Op>
constexpr void set_facts(Operation& record) {
  if constexpr (requires { Op::is_elementwise; }) record.is_elementwise = Op::is_elementwise;
  if constexpr (requires { Op::row_work; }) record.row_work = Op::row_work;
  if constexpr (requires { Op::zero_rule; }) record.zero_rule = Op::zero_rule;
  if constexpr (requires { Op::is_input; }) record.is_input = Op::is_input;
  if constexpr (requires { Op::is_splat; }) record.is_splat = Op::is_splat;
  if constexpr (requires { Op::moves; }) record.moves = Op::moves;
  if constexpr (requires { Op::repeats; }) record.repeats = Op::repeats;
  if constexpr (requires { Op::adds; }) record.adds = Op::adds;
  if constexpr (requires { Op::commutes; }) record.commutes = Op::commutes;
  if constexpr (requires { Op::is_never_negative; }) record.is_never_negative = Op::is_never_negative;
  if constexpr (requires { Op::has_epilogue; }) record.has_epilogue = Op::has_epilogue;
  if constexpr (requires { Op::is_late; }) record.is_late = Op::is_late;
  if constexpr (requires { Op::chooses_rows; }) record.chooses_rows = Op::chooses_rows;
  if constexpr (requires { Op::keeps_name; }) record.keeps_name = Op::keeps_name;
  if constexpr (requires { Op::reads_bf16; }) record.reads_bf16 = Op::reads_bf16;
  if constexpr (requires { Op::writes_bf16; }) record.writes_bf16 = Op::writes_bf16;
  if constexpr (requires { Op::first_float_result; }) record.first_float_result = Op::first_float_result;
  if constexpr (requires { Op::has_kernel; }) record.has_kernel = Op::has_kernel;
}

template <class Op>
constexpr Operation make_operation() {
  Operation record;
  record.name = Op::name;
  record.hash = name_hash(Op::name);
  record.linearity = Op::linearity;
  set_facts<Op>(record);
  if constexpr (requires { Op::takes_strides; }) record.takes_strides = Op::takes_strides;
  if constexpr (requires { &Op::accepts_strides; }) record.accepts_strides = &Op::accepts_strides;
  if constexpr (requires { Op::is_view; }) {
    static_assert(
        requires { &Op::view_strides; },
        "an operation that is a view says by view_strides how its operand's memory is read");
    record.is_view = Op::is_view;
  }
  if constexpr (requires { &Op::flops; }) record.flops = &Op::flops;
  if constexpr (requires { &Op::view_strides; }) record.view_strides = &Op::view_strides;
  if constexpr (requires { &Op::view_offset; }) record.view_offset = &Op::view_offset;
  if constexpr (requires { &Op::fold; }) record.fold = &Op::fold;
  if constexpr (requires { Op::folds; }) record.fold = &fold_elements<Op>;
  if constexpr (requires { Op::ids_operand; }) record.ids_operand = Op::ids_operand;
  if constexpr (requires { &Op::id_limit; }) record.id_limit = &Op::id_limit;
  if constexpr (requires { &Op::infer; }) record.infer = &Op::infer;
  if constexpr (requires { &Op::tangent; }) record.tangent = &Op::tangent;
  if constexpr (requires { &Op::transpose; }) record.transpose = &Op::transpose;
  if constexpr (requires { &Op::batch; }) record.batch = &Op::batch;
  if constexpr (requires { &Op::definition; }) record.definition = &Op::definition;
  if constexpr (requires { &Op::results; }) record.results = &Op::results;
  if constexpr (requires { &Op::parts; }) record.parts = &Op::parts;
  if constexpr (requires { &Op::stages; }) record.stages = &Op::stages;
  if constexpr (requires { &Op::scratch; }) record.scratch = &Op::scratch;
  if constexpr (requires { &Op::bf16_scratch; }) record.bf16_scratch = &Op::bf16_scratch;
  if constexpr (requires { typename Op::TangentOf; }) record.tangent_of = &operation<typename Op::TangentOf>;
  return record;
}

}  // namespace ctgrad
