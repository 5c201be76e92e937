#pragma once

#include <ctgrad/ops/elementwise.hpp>

namespace ctgrad::ops {

/// One number in every element. Attributes: the number. A tensor of constants takes one element of memory
/// wherever its users can repeat it.
struct Constant {
  static constexpr auto name = "constant";
  static constexpr bool is_splat = true;
  static constexpr Linearity linearity = Linearity::constant;
  static constexpr Samples samples() {
    Samples samples;
    for (const Shape& shape : sample::shapes()) {
      samples.accepted.push_back({{}, {.value = -1.5}, {Kind::real, shape}});
      samples.accepted.push_back({{}, {.value = 7}, {Kind::index, shape}});
      samples.accepted.push_back({{}, {.value = 1}, {Kind::mask, shape}});
    }
    return samples;
  }

  template <class Call>
  static void run(const Pointers& p) {
    using Element = typename Call::Element;
    for (Size i = 0; i < Call::stored_size; ++i)
      Call::result(p)[i] = static_cast<Element>(Call::attributes.value);
  }
};

constexpr Value constant(Graph& graph, double value, const Shape& shape = {}, Kind kind = Kind::real) {
  Attributes attributes;
  attributes.value = value;
  return {&graph, graph.add({&operation<Constant>, {kind, shape}, attributes})};
}

/// A number in the graph of another value; absent if that one is, so that rules may scale an absent tangent.
constexpr Value beside(Value anchor, double number) {
  return anchor.absent() ? Value{} : constant(*anchor.graph, number);
}

constexpr Value zeros_like(Value x) { return constant(*x.graph, 0, x.shape(), x.kind()); }

}  // namespace ctgrad::ops
