#pragma once

#include <ctgrad/graph/value.hpp>
#include <ctgrad/ops/sample.hpp>

namespace ctgrad::ops {

/// A tensor from outside: an argument, a parameter, or a transform's own placeholder. Attributes: a number
/// that no other input of the graph has.
struct Input {
  static constexpr auto name = "input";
  static constexpr bool is_input = true;
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Samples samples() {
    Samples samples;
    for (const Shape& shape : sample::shapes()) {
      for (const Kind kind : {Kind::real, Kind::index, Kind::mask})
        samples.accepted.push_back({{}, {}, {kind, shape}});
    }
    return samples;
  }
};

constexpr Value input(Graph& graph, const Type& type) {
  Attributes number;
  number.integers[0] = graph.next_input_number();
  return {&graph, graph.add({&operation<Input>, type, number})};
}

}  // namespace ctgrad::ops
