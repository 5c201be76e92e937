#include <ctgrad/inspect/print.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/passes/eliminate.hpp>
#include <ctgrad/passes/own_outputs.hpp>

#include <support/catch.hpp>

namespace ctgrad::test {

namespace {

Value add_input(Graph& graph, const Shape& shape) {
  const Value input = ops::input(graph, {Kind::real, shape});
  graph.inputs.push_back(input.id);
  return input;
}

}  // namespace

TEST_CASE("equal nodes are one node", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(3));
  CHECK(exp(x) == exp(x));
  CHECK(x + exp(x) == x + exp(x));
  CHECK(graph.size() == 3);
  CHECK_FALSE(exp(x) == tanh(x));
  CHECK_FALSE(pow(x, 2) == pow(x, 3));
  CHECK(softmax(x) == softmax(x));
}

TEST_CASE("inputs never merge, not even in a graph built from another one's nodes", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(3));
  const Value y = add_input(graph, shape_of(3));
  CHECK_FALSE(x == y);
  Graph copy(graph.nodes());
  const Value z = ops::input(copy, x.type());
  CHECK(z.id == 2);
  CHECK_FALSE(ops::input(copy, x.type()) == z);
  Graph added;
  for (const Node& node : graph.nodes()) added.inputs.push_back(added.add(node));
  Graph live = passes::eliminate_dead(added);
  CHECK(ops::input(live, x.type()).id == 2);
}

TEST_CASE("a graph of any size can be built on", "[graph]") {
  Graph graph;
  Value x = add_input(graph, shape_of(3));
  for (int i = 0; i < 2000; ++i) x = exp(x);
  Graph copy(graph.nodes());
  CHECK(exp(Value{&copy, x.id}).id == graph.size());
  CHECK(exp(Value{&copy, 0}).id == 1);
}

TEST_CASE("0 and -0 are different constants, and a NaN equals itself", "[graph]") {
  Graph graph;
  CHECK_FALSE(ops::constant(graph, 0) == ops::constant(graph, -0.0));
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  CHECK(ops::constant(graph, not_a_number) == ops::constant(graph, not_a_number));
  CHECK_FALSE(ops::constant(graph, 1) == ops::constant(graph, 1, {}, Kind::index));
  CHECK_FALSE(ops::constant(graph, 1) == ops::constant(graph, 1, shape_of(1)));
}

TEST_CASE("nodes that no output needs are removed; inputs stay", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(3));
  const Value unused = add_input(graph, shape_of(2));
  exp(unused);
  const Value kept = tanh(x);
  log(kept);
  graph.outputs = {kept.id};
  const Graph live = passes::eliminate_dead(graph);
  CHECK(live.size() == 3);
  CHECK(live.inputs == std::vector<std::int32_t>{0, 1});
  CHECK(live.outputs == std::vector<std::int32_t>{2});
  CHECK(live[2].operation == &operation<ops::Tanh>);
  CHECK(live[2].operands[0] == 0);
}

TEST_CASE("every output has memory of its own", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(4));
  const Value y = exp(x);
  graph.outputs = {x.id, y.id, ops::reshape(y, shape_of(2, 2)).id, y.id};
  const Graph owned = passes::own_outputs(graph);
  CHECK(owned[owned.outputs[0]].operation == &operation<ops::Copy>);
  CHECK(owned.outputs[1] == y.id);
  CHECK(owned[owned.outputs[2]].operation == &operation<ops::Copy>);
  CHECK(owned[owned.outputs[2]].type.shape == shape_of(2, 2));
  CHECK(owned[owned.outputs[3]].operation == &operation<ops::Copy>);
  CHECK(owned.outputs[2] != owned.outputs[3]);
}

TEST_CASE("broadcasts and reshapes that change nothing are no nodes", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(2, 3));
  CHECK(ops::broadcast_to(x, shape_of(2, 3)) == x);
  CHECK(ops::reshape(ops::reshape(x, shape_of(6)), shape_of(2, 3)) == x);
  CHECK(ops::permute(x, {0, 1}) == x);
  CHECK(ops::slice(x, {}, shape_of(2, 3)) == x);
  CHECK(ops::pad(x, {}, shape_of(2, 3)) == x);
  CHECK(graph.size() == 2);  // x, and the reshape to 6 that nothing uses
}

TEST_CASE("a transpose in front of a matrix product becomes an attribute of it", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(2, 3));
  const Value y = add_input(graph, shape_of(2, 4));
  const Value product = ops::matmul(ops::permute(x, {1, 0}), y);
  CHECK(product.operand(0) == x);
  CHECK(product.node().attributes.integers[0] == 1);
  CHECK(product.node().attributes.integers[1] == 0);
}

TEST_CASE("a table has one line a node: number, operation, shape, operands, attributes", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(2, 3));
  bool axes[max_rank] = {false, true};
  graph.outputs = {(ops::sum(tanh(x) * x, axes) * 1e-7).id};
  CHECK(table(graph) ==
        "%0    input             [2, 3]                \n"
        "%1    tanh              [2, 3]                 %0\n"
        "%2    mul               [2, 3]                 %1 %0\n"
        "%3    sum               [2, 1]                 %2 {0,1}\n"
        "%4    constant          []                     1e-07\n"
        "%5    constant          [2, 1]                 1e-07\n"
        "%6    mul               [2, 1]                 %3 %5\n"
        "outputs %6\n");
}

TEST_CASE("a drawing names every node and every edge", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(2));
  graph.outputs = {exp(x).id};
  CHECK(dot(graph) ==
        "digraph ctgrad {\n"
        "  node [shape=box, fontname=monospace];\n"
        "  n0 [label=\"input\\n[2]\"];\n"
        "  n1 [label=\"exp\\n[2]\"];\n"
        "  n0 -> n1;\n"
        "  n1 [penwidth=3];\n"
        "}\n");
}

TEST_CASE("count says how many nodes are of an operation", "[graph]") {
  Graph graph;
  const Value x = add_input(graph, shape_of(2));
  exp(exp(x));
  CHECK(count<ops::Exp>(graph) == 2);
  CHECK(count<ops::Tanh>(graph) == 0);
}

}  // namespace ctgrad::test
