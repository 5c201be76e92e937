#pragma once

#include <ctgrad/autodiff/require.hpp>
#include <ctgrad/graph/tree_parts.hpp>
#include <ctgrad/runtime/blocks.hpp>
#include <ctgrad/runtime/input_labels.hpp>
#include <ctgrad/runtime/inputs.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/trace.hpp>

/// A function compiled for arguments of known shapes.
namespace ctgrad {

class Team;

/// `Function`, a constexpr callable over tensors and models, compiled for the given argument types: traced,
/// differentiated and planned by the compiler. An instance owns the memory of its runs, and runs in one
/// thread at a time; several share Parameters that none of them changes. A run allocates nothing, unless a
/// result of an earlier run is held or is an argument: then it computes in other memory, made when that comes
/// up first, as the memory is in which it narrows ids of other integer types than std::int32_t. A copy is a
/// program of its own with the same result. One that was moved from can be run again.
template <class Scalar, auto Function, class... Arguments>
class BasicProgram {
  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "a program computes in float or double");
  static_assert(std::is_same_v<Scalar, float> || passes_of(Function).precision == Precision::full,
                "a DoubleProgram stores all numbers as double: mixed precision is a Program's, in float");
  // Models are instantiated here, so that an error within one is close to the user's line.
  static_assert((sizeof(Arguments) + ... + 1) > 0);
  static_assert((tree::faulty_part<Arguments>::is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT && ...),
                "Program: an argument is an array, a struct that lists its members with "
                "BOOST_HANA_DEFINE_STRUCT, or a std::array or std::tuple of them");
  static_assert((tree::faulty_part<Arguments>::is_named_in_its_own_BOOST_HANA_DEFINE_STRUCT && ...),
                "Program: BOOST_HANA_DEFINE_STRUCT in this struct names another struct");
  static_assert((tree::faulty_part<Arguments>::lists_all_its_members && ...),
                "Program: a member of this struct is not in its BOOST_HANA_DEFINE_STRUCT, and would not be "
                "trained; list it (what is no layer is static constexpr)");

  static_assert(
      autodiff::argument_types<Arguments...>::template suit_the_function<requires {
        Function(Arguments{}...);
      }>,
      "Program: the function takes another number or other types of arguments; is a model, an array or a "
      "Key missing?");

  /// What the function gives for its arguments. Before all that follows, so that an error in it is close to
  /// the user's line.
  using Result = decltype(Function(Arguments{}...));
  static_assert(
      tree::faulty_part<std::remove_cv_t<Result>>::is_an_array_or_a_struct_with_BOOST_HANA_DEFINE_STRUCT,
      "Program: the function's result is an array, a struct that lists its members with "
      "BOOST_HANA_DEFINE_STRUCT, or a std::array or std::tuple of them");

 public:
  using Trace =
      std::conditional_t<(tree::is_whole<std::remove_cv_t<Result>> && ... && tree::is_whole<Arguments>),
                         runtime::Trace<Function, Arguments...>, runtime::Nothing>;
  /// The function is traced here, where an error in it is close to the user's line.
  static_assert(frozen::Captured<Trace>::needed >= 0);
  using Machine = runtime::Machine<Scalar, Trace>;

  BasicProgram() = default;

  /// The threads of a team share the larger matrix products and attentions of a run, each of which computes
  /// elements of its own: the results have the bits of one thread. It pays at large widths for a batch of
  /// one; larger batches are better shared by a ShardedProgram. Where a run has too little to share, of which
  /// the compiler makes an estimate, the calling thread computes alone. The team may be that of several
  /// programs.
  template <std::same_as<Team> T>
  explicit BasicProgram(T team) : machine_(Machine::call_team(std::move(team))) {}

  /// Whether a team shares its runs.
  static constexpr bool is_shared_by_teams() { return Machine::is_shared; }
  /// The threads that share them: those of its team, or 1.
  std::size_t threads() const { return machine_.threads(); }

  /// The nodes; `table` and `dot` print them, `count` counts them.
  static constexpr const auto& graph() { return Machine::graph; }

  /// The bytes of all activations, results and constants.
  static constexpr Size arena_bytes() { return Machine::plan.arena_bytes; }
  /// The least that any placement of these buffers would need.
  static constexpr Size arena_lower_bound() { return Machine::plan.lower_bound; }
  /// The kernel calls of a run.
  static constexpr std::size_t kernel_calls() { return Machine::plan.call_count - Machine::plan.constants; }

  /// Runs the function. A Tensor's argument is an xtensor of the scalar type, an Index' one of any integer
  /// type (std::int32_t is read where it lies), or a view of one that is dense and row-major; rank 0 is a
  /// number, an integer for an Index; a model is its Parameters, Gradients or State. Results of earlier runs
  /// are arguments like others. Numbers come back by value, arrays as xtensor expressions (ResultArray) and
  /// trees as FlatViews such as Gradients: views that keep what was computed for as long as they are held,
  /// also without the program. Pointers and spans that were taken of them are valid until then and the next
  /// run. A temporary program gives States in place of FlatViews. Throws std::invalid_argument for a wrong
  /// shape or strides that are not dense, std::out_of_range for an id out of its range or a number that its
  /// type cannot hold, naming operand, expected and got, and std::logic_error while another thread runs the
  /// program; no result has then changed.
  template <class... Inputs>
  auto operator()(const Inputs&... inputs) & {
    const auto turn = machine_.turn();
    compute(turn, runtime::MakeCall{}, inputs...);
    return runtime::Output<Scalar, Result>::read(machine_, 0);
  }
  template <class... Inputs>
  auto operator()(const Inputs&... inputs) && {
    run(inputs...);
    return std::move(*this).result();
  }

  /// Runs the program on these arguments; `result()` then gives what it computed.
  template <class... Inputs>
  void run(const Inputs&... inputs) {
    compute(machine_.turn(), runtime::MakeCall{}, inputs...);
  }

  /// Runs the program on these arguments, where `make_call(position, call)` is called for each kernel call in
  /// turn and must make it: `call()`, which a team shares as ever. Positions are those of the plan, whose
  /// first calls, of constants, are no part of a run. `profile` times the calls so.
  template <class Make, class... Inputs>
  void run_with(const Make& make_call, const Inputs&... inputs) {
    compute(machine_.turn(), make_call, inputs...);
  }

  /// What the last run computed. Throws std::logic_error for a program that was moved from, and while another
  /// thread runs it.
  auto result() const& {
    const auto look = machine_.look();
    return runtime::Output<Scalar, Result>::read(machine_, 0);
  }
  auto result() const&& {
    const auto look = machine_.look();
    return runtime::Output<Scalar, Result>::read(runtime::Leaving<Machine>{machine_}, 0);
  }

 private:
  static constexpr std::size_t input_count = graph().input_count;

  template <class Make, class... Inputs>
  void compute(const typename Machine::Turn& turn, const Make& make_call, const Inputs&... inputs) {
    static_assert(sizeof...(Inputs) == sizeof...(Arguments),
                  "the program takes another number of arguments; is a model, an array or a Key missing?");
    runtime::InputList<Scalar, input_count> list(narrowed_ids_);
    int position = 0;
    (list.template add<Arguments>(inputs, ++position), ...);
    machine_.run(turn, list.data(), runtime::InputLabels<Machine, Arguments...>{}, make_call);
  }

  Machine machine_;
  runtime::NarrowedIds narrowed_ids_;
};

/// A function's program in single precision.
template <auto Function, class... Arguments>
using Program = BasicProgram<float, Function, Arguments...>;

/// A function's program in double precision, for gradient checks and references.
template <auto Function, class... Arguments>
using DoubleProgram = BasicProgram<double, Function, Arguments...>;

/// A function's program in mixed precision: its arguments, results and gradients are float, and so is all
/// that it computes, but it stores large activations and their cotangents as bf16.
template <auto Function, class... Arguments>
using MixedProgram = BasicProgram<float, mixed(Function), Arguments...>;

template <class Scalar, auto Function, class... Arguments>
std::string table(const BasicProgram<Scalar, Function, Arguments...>& program) {
  return table(program.graph(), BasicProgram<Scalar, Function, Arguments...>::Machine::plan);
}
template <class Scalar, auto Function, class... Arguments>
std::string dot(const BasicProgram<Scalar, Function, Arguments...>& program) {
  return dot(program.graph());
}

}  // namespace ctgrad
