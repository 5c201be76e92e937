#pragma once

#include <ctgrad/autodiff/require.hpp>
#include <ctgrad/graph/tree_parts.hpp>
#include <ctgrad/runtime/blocks.hpp>
#include <ctgrad/runtime/input_names.hpp>
#include <ctgrad/runtime/inputs.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/trace.hpp>

/// A function compiled for arguments of known shapes.
namespace ctgrad {

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

  /// Runs the program on these arguments, where `make_call(position, kernel, pointers)` is called for each
  /// kernel call in turn and must make it: `kernel(pointers)`. Positions are those of the plan, whose first
  /// calls, of constants, are no part of a run. `profile` times the calls so.
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
    machine_.run(
        turn, list.data(), [](std::int32_t id) { return name(id); }, make_call);
  }

  /// What messages say of a node: which of the inputs it is, or whose rows it chooses.
  struct Label {
    std::int32_t node = -1;
    std::string_view operation;
    std::int32_t input = -1;
    bool chooses_rows = false;
    std::int32_t table = -1;
  };

  /// The input that a node is, maybe under another shape or with one id replaced; -1 if it is none.
  static constexpr std::int32_t input_of(std::int32_t id) {
    while (graph()[id].operation->is_view || graph()[id].operation->keeps_name) id = graph()[id].operands[0];
    for (std::size_t i = 0; i < input_count; ++i) {
      if (graph().inputs[i] == id) return static_cast<std::int32_t>(i);
    }
    return -1;
  }

  static constexpr Label label_of(std::int32_t id) {
    const Node& node = graph()[id];
    const bool chooses_rows = node.operation->chooses_rows;
    return {id, node.operation->name, input_of(id), chooses_rows,
            chooses_rows ? input_of(node.operands[0]) : -1};
  }

  /// Of the nodes that a run may have something to say about.
  static constexpr auto labels = [] {
    std::array<Label, 2 * Machine::plan.check_count> found{};
    for (std::size_t i = 0; i < Machine::plan.check_count; ++i) {
      found[2 * i] = label_of(Machine::plan.checks[i].array);
      found[2 * i + 1] = label_of(Machine::plan.checks[i].node);
    }
    return found;
  }();

  /// "argument 2" or "embedding 'tokens'"
  static std::string name(std::int32_t id) {
    Label label;
    for (const Label& other : labels) label = other.node == id ? other : label;
    if (label.chooses_rows) {
      const std::string table = input_name(label.table, true);
      return table.empty() ? "the embedding" : "embedding '" + table + "'";
    }
    const std::string input = input_name(label.input, false);
    return input.empty() ? std::string(label.operation) : input;
  }

  /// The name of an input, or of the layer that owns it: without the last part; empty for -1.
  static std::string input_name(std::int32_t input, bool owner) {
    if (input < 0) return "";
    const std::string name = input_names<Arguments...>()[static_cast<std::size_t>(input)];
    return owner ? name.substr(0, name.find_last_of('.')) : name;
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
  return table(program.graph());
}
template <class Scalar, auto Function, class... Arguments>
std::string dot(const BasicProgram<Scalar, Function, Arguments...>& program) {
  return dot(program.graph());
}

}  // namespace ctgrad
