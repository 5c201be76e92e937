#pragma once

#include <ctgrad/runtime/inputs.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/outputs.hpp>
#include <ctgrad/runtime/trace.hpp>

/// A function compiled for arguments of known shapes.
namespace ctgrad {

/// `Function`, a constexpr callable over tensors and models, compiled for the given argument types: traced,
/// differentiated and planned by the compiler. An instance owns the memory of one run; it is single-threaded,
/// and a run allocates nothing.
template <class Scalar, auto Function, class... Arguments>
class BasicProgram {
  /// What the function gives for its arguments. First of all, so that an error in it is close to the user's
  /// line.
  using Result = decltype(Function(Arguments{}...));

  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "a program computes in float or double");
  static_assert((Tree<Arguments> && ...),
                "a program's arguments are arrays, models, std::arrays or std::tuples of them");

 public:
  using Trace = runtime::Trace<Function, Arguments...>;
  using Machine = runtime::Machine<Scalar, Trace>;

  /// The nodes; `table` and `dot` print them, `count` counts them.
  static constexpr const auto& graph() { return Machine::graph; }

  /// The bytes of all activations, results and constants.
  static constexpr Size arena_bytes() { return Machine::plan.arena_bytes; }
  /// The least that any placement of these buffers would need.
  static constexpr Size arena_lower_bound() { return Machine::plan.lower_bound; }
  /// The kernel calls of a run.
  static constexpr std::size_t steps() { return Machine::plan.step_count - Machine::plan.constants; }

  /// Runs the function. A Tensor's argument is an xtensor of the scalar type, an Index' one of std::int32_t;
  /// rank 0 is a number; a model is its Parameters. Numbers come back by value, arrays as xtensor adaptors
  /// and gradients of a model as Gradients, both valid until the next run. Throws std::invalid_argument for a
  /// wrong shape and std::out_of_range for an id out of its range, naming operand, expected and got, before
  /// any result has changed.
  template <class... Inputs>
  auto operator()(const Inputs&... inputs) {
    run(inputs...);
    return result();
  }

  /// The same without giving the result back.
  template <class... Inputs>
  void run(const Inputs&... inputs) {
    static_assert(sizeof...(Inputs) == sizeof...(Arguments), "the program takes another number of arguments");
    runtime::InputList<Scalar, input_count> list;
    int position = 0;
    (list.template add<Arguments>(inputs, ++position), ...);
    machine_.run(list.data(), [](std::int32_t id) { return name(id); });
  }

  /// What the last run computed.
  auto result() const { return runtime::Output<Scalar, Result>::read(machine_, 0); }

 private:
  static constexpr std::size_t input_count = graph().input_count;

  /// "argument 2" or "embedding 'tokens'", for messages.
  static std::string name(std::int32_t id) {
    const auto& node = graph()[id];
    if (node.operation == &operation<ops::Gather> || node.operation == &operation<ops::ScatterAdd>) {
      const std::string table = input_name(node.operands[0], true);
      return table.empty() ? "the embedding" : "embedding '" + table + "'";
    }
    const std::string input = input_name(id, false);
    return input.empty() ? std::string(node.operation->name) : input;
  }

  /// The model's name for an input (without its last part), or its argument number; empty for what is none.
  static std::string input_name(std::int32_t id, bool owner) {
    while (graph()[id].operation->is_view) id = graph()[id].operands[0];
    std::size_t next = 0;
    int argument = 0;
    std::string found;
    const auto search = [&]<class T>(std::type_identity<T>) {
      ++argument;
      T tree{};
      for_each_leaf(
          tree,
          [&](const auto&, const std::string& path) {
            if (graph().inputs[next++] != id) return;
            const std::size_t dot = path.find_last_of('.');
            found = path.empty()                        ? "argument " + std::to_string(argument)
                    : owner && dot != std::string::npos ? path.substr(0, dot)
                                                        : path;
          },
          "");
    };
    (search(std::type_identity<Arguments>{}), ...);
    return found;
  }

  Machine machine_;
};

/// The same in single precision.
template <auto Function, class... Arguments>
using Program = BasicProgram<float, Function, Arguments...>;

/// The same in double precision, for gradient checks and references.
template <auto Function, class... Arguments>
using DoubleProgram = BasicProgram<double, Function, Arguments...>;

template <class Scalar, auto Function, class... Arguments>
std::string table(const BasicProgram<Scalar, Function, Arguments...>& program) {
  return table(program.graph());
}
template <class Scalar, auto Function, class... Arguments>
std::string dot(const BasicProgram<Scalar, Function, Arguments...>& program) {
  return dot(program.graph());
}

}  // namespace ctgrad
