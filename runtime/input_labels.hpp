#pragma once

#include <ctgrad/graph/graph.hpp>
#include <ctgrad/runtime/input_names.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ctgrad::runtime {

/// What messages call the nodes of a machine that ids are checked at: which of the inputs they are, or whose
/// rows they choose. `Arguments` are the tree types of the program's arguments.
template <class Machine, class... Arguments>
class InputLabels {
 public:
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
  std::string operator()(std::int32_t id) const { return name(id); }

  /// Says whether a node chooses rows of a table, as an embedding does.
  static bool chooses_rows(std::int32_t id) {
    for (const Label& label : labels) {
      if (label.node == id) return label.chooses_rows;
    }
    return false;
  }

  /// The input that a node is, maybe under another shape or with one id replaced; -1 if it is none.
  static std::int32_t input_of(std::int32_t id) {
    for (const Label& label : labels) {
      if (label.node == id) return label.input;
    }
    return -1;
  }

 private:
  static constexpr const auto& graph() { return Machine::graph; }

  struct Label {
    std::int32_t node = -1;
    std::string_view operation;
    std::int32_t input = -1;
    bool chooses_rows = false;
    std::int32_t table = -1;
  };

  static constexpr std::int32_t find_input(std::int32_t id) {
    while (graph()[id].operation->is_view || graph()[id].operation->keeps_name) id = graph()[id].operands[0];
    for (std::size_t i = 0; i < graph().input_count; ++i) {
      if (graph().inputs[i] == id) return static_cast<std::int32_t>(i);
    }
    return -1;
  }

  static constexpr Label label_of(std::int32_t id) {
    const Node& node = graph()[id];
    const bool chooses_rows = node.operation->chooses_rows;
    return {id, node.operation->name, find_input(id), chooses_rows,
            chooses_rows ? find_input(node.operands[0]) : -1};
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

  /// The name of an input, or of the layer that owns it: without the last part; empty for -1.
  static std::string input_name(std::int32_t input, bool owner) {
    if (input < 0) return "";
    const std::string name = input_names<Arguments...>()[static_cast<std::size_t>(input)];
    return owner ? name.substr(0, name.find_last_of('.')) : name;
  }
};

}  // namespace ctgrad::runtime
