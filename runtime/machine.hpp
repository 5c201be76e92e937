#pragma once

#include <ctgrad/runtime/call_team.hpp>
#include <ctgrad/runtime/executable.hpp>
#include <ctgrad/runtime/run_memory.hpp>

#include <array>
#include <span>
#include <stdexcept>
#include <string>

/// Walks a table of kernel calls over an arena.
namespace ctgrad::runtime {

/// The types of the `Count` nodes of a graph whose numbers `ids` points to.
template <std::size_t Count, class G>
constexpr auto types_of(const G& graph, const std::int32_t* ids) {
  std::array<Type, Count> types{};
  for (std::size_t i = 0; i < Count; ++i) types[i] = graph[ids[i]].type;
  return types;
}

/// The first `Count` elements as an array.
template <std::size_t Count, class T>
constexpr auto first_of(const T* elements) {
  std::array<T, Count> first{};
  for (std::size_t i = 0; i < Count; ++i) first[i] = elements[i];
  return first;
}

/// How many bytes arrays of these types have.
template <class Scalar, std::size_t Count>
constexpr auto bytes_of(const std::array<Type, Count>& types) {
  std::array<std::size_t, Count> bytes{};
  for (std::size_t i = 0; i < Count; ++i)
    bytes[i] = static_cast<std::size_t>(dense_bytes(types[i], scalar_size<Scalar>));
  return bytes;
}

/// What a run does at every kernel call: it makes the call, and that is all. Another one may stand for it
/// that does more, as a profile's which times the call.
struct MakeCall {
  template <class Call>
  void operator()(std::size_t, const Call& call) const {
    call();
  }
};

/// Runs the graph that Tag::make() builds, on dense row-major arrays, for one thread at a time. `run`
/// allocates nothing, unless a result of an earlier run is held or among the inputs: see RunMemory.
template <class Scalar, class Tag>
class Machine {
 public:
  static constexpr const auto& graph = Planned<Scalar, Tag>::graph;
  static constexpr const auto& plan = Planned<Scalar, Tag>::plan;
  /// The types of inputs and outputs, and parts of the plan. What runs reads these and the table, never the
  /// graph, whose nodes point to rules, nor the plan's arrays: they would be compiled as well.
  static constexpr auto input_types = types_of<graph.input_count>(graph, graph.inputs);
  static constexpr auto output_types = types_of<graph.output_count>(graph, graph.outputs);
  static constexpr auto outputs = first_of<graph.output_count>(plan.outputs);
  static constexpr auto checks = first_of<plan.check_count>(plan.checks);

  /// Makes an arena, of a cache line at least, and computes what depends on no input. The threads of `team`
  /// share the larger kernel calls of runs.
  explicit Machine(CallTeam team = CallTeam())
      : memory_(static_cast<std::size_t>(std::max(plan.arena_bytes, plan::alignment))),
        team_(std::move(team)) {
    compute_constants(memory_.last().data());
  }

  /// The threads that share a run's larger calls, the asking one included.
  std::size_t threads() const { return team_.size(); }

  /// Whether threads that share a run's calls gain more than they cost.
  static constexpr bool is_shared = SharedCalls<Scalar, Tag>::list.are_any;
  /// The bytes that each of these threads needs.
  static constexpr auto shared_scratch = static_cast<std::size_t>(SharedCalls<Scalar, Tag>::list.scratch);

  /// What a machine needs to share its calls with a team; nobody, where that does not pay.
  template <class Team>
  static CallTeam call_team(Team team) {
    if constexpr (is_shared) {
      return CallTeam(std::move(team), shared_scratch);
    } else {
      return CallTeam();
    }
  }

  using Turn = RunMemory::Turn;
  /// Keeps others from running the machine. Throws std::logic_error if it is running.
  Turn turn() { return Turn(memory_); }
  /// Keeps others from running the machine while the last run's results are read. Throws std::logic_error if
  /// it is running.
  RunMemory::Look look() const { return RunMemory::Look(memory_); }

  /// Computes all outputs. `inputs` are the graph's inputs in their order. Throws std::out_of_range, naming
  /// the id and its bounds, before any output has changed; `name(node)` says what the ids choose from. Throws
  /// std::logic_error if it is running already.
  /// Where a machine computes a part of a batch, `name.whole(node, shape, begin)` may say what is the shape
  /// of the whole and where the part begins, or `name.element(node, shape, position)` what the caller calls
  /// an element: "argument 2[10][3]".
  template <class Name>
  void run(const void* const* inputs, const Name& name) {
    run(turn(), inputs, name);
  }

  /// Computes all outputs for a caller who has taken the turn. `inputs`, `name` and what is thrown are those
  /// of the overload that takes the turn itself. `make_call(position, call)` makes the kernel call of that
  /// position in the plan: `call()`.
  template <class Name, class Make = MakeCall>
  void run(const Turn&, const void* const* inputs, const Name& name, const Make& make_call = {}) {
    const std::size_t target = memory_.take({inputs, input_bytes.data(), input_bytes.size()},
                                            [](std::byte* arena) { compute_constants(arena); });
    run_in(memory_[target], inputs, name, team_, make_call);
    memory_.finish(target);
  }

  /// Computes all outputs in an arena of the caller's, of plan.arena_bytes at least, that begins at a cache
  /// line and where compute_constants(arena) has been since others wrote there. Needs no machine; `inputs`,
  /// `name`, `make_call` and what is thrown are those of `run`.
  template <class Name, class Make = MakeCall>
  static void run_in(std::byte* arena, const void* const* inputs, const Name& name, CallTeam& team,
                     const Make& make_call = {}) {
    std::size_t next = plan.constants;
    for (const plan::IdCheck& ids : checks) {
      const auto end = static_cast<std::size_t>(ids.before);
      walk(arena, inputs, next, end, make_call, team);
      next = end;
      check(arena, ids, inputs, name);
    }
    walk(arena, inputs, next, plan.call_count, make_call, team);
  }

  /// Computes in an arena what depends on no input.
  static void compute_constants(std::byte* arena) {
    CallTeam nobody;
    walk(arena, nullptr, 0, plan.constants, MakeCall{}, nobody);
  }

  /// Throws as `run` does if an id of an input is out of range; computes nothing.
  template <class Name>
  static void check_inputs(const void* const* inputs, const Name& name) {
    for (const plan::IdCheck& ids : checks) {
      if (ids.ids.region > 0) check(nullptr, ids, inputs, name);
    }
  }

  /// The first byte of output i of the last run, and the arena that keeps it. Throw std::logic_error if the
  /// machine was moved from.
  const std::byte* output(std::size_t i) const { return memory_.last().data() + outputs[i].offset; }
  const SharedArena& results() const { return memory_.last(); }

 private:
  static constexpr auto input_bytes = bytes_of<Scalar>(input_types);

  static const void* at(const std::byte* arena, plan::Location where, const void* const* inputs) {
    const auto* base = where.region == 0 ? arena : static_cast<const std::byte*>(inputs[where.region - 1]);
    return base + where.offset;
  }

  template <class Make>
  static void walk(std::byte* arena, const void* const* inputs, std::size_t begin, std::size_t end,
                   const Make& make_call, CallTeam& team) {
    auto* scratch = reinterpret_cast<double*>(arena + plan.scratch);
    for (std::size_t i = begin; i < end; ++i) {
      const TableRow& row = Table<Scalar, Tag>::rows[i];
      Pointers pointers{arena + row.result, {}, {}, scratch, {}, scratch};
      for (std::int32_t k = 0; k < row.operand_count; ++k)
        pointers.operands[k] = at(arena, row.operands[k], inputs);
      for (std::int32_t k = 0; k < row.extra_count; ++k) pointers.extras[k] = arena + row.extras[k];
      make_call(i, [&] {
        if constexpr (is_shared) {
          if (row.shared.parts > 1 && !team.is_alone()) return team.make(row.kernel, pointers, row.shared);
        }
        row.kernel(pointers);
      });
    }
  }

  template <class Name>
  static void check(const std::byte* arena, const plan::IdCheck& check, const void* const* inputs,
                    const Name& name) {
    const auto* ids = static_cast<const std::int32_t*>(at(arena, check.ids, inputs));
    for (Size i = 0; i < check.shape.size(); ++i) {
      if (ids[i] < 0 || ids[i] >= check.limit) throw std::out_of_range(message(check, i, ids[i], name));
    }
  }

  template <class Name>
  [[gnu::cold]] static std::string message(const plan::IdCheck& check, Size position, std::int32_t id,
                                           const Name& name) {
    Shape shape = check.shape;
    std::string element;
    if constexpr (requires { name.element(check.array, shape, position_of(position, shape)); }) {
      element = name.element(check.array, shape, position_of(position, shape));
    } else if constexpr (requires(Size& begin) { name.whole(check.array, shape, begin); }) {
      Size begin = 0;
      shape = name.whole(check.array, shape, begin);
      position += begin;
    }
    if (element.empty()) element = name(check.array) + to_string(position_of(position, shape));
    return element + " = " + to_string(Size{id}) + " is not in [0, " + to_string(check.limit) + ") of " +
           name(check.node);
  }

  RunMemory memory_;  ///< refuses to be copied while the machine runs, before anything else is
  CallTeam team_;
};

}  // namespace ctgrad::runtime
