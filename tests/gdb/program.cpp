// What tests/gdb/check looks at in gdb: values of every type that tools/gdb/ctgrad_printers.py knows.
#include <ctgrad/runtime/program.hpp>

#include <ctgrad/graph/define_struct.hpp>
#include <ctgrad/nn/parameter.hpp>
#include <ctgrad/ops/add.hpp>
#include <ctgrad/ops/mul.hpp>
#include <ctgrad/runtime/parameters.hpp>

namespace cg = ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (cg::Parameter<cg::init::ones, 2, 3>, weight),
    (std::array<cg::Parameter<cg::init::zeros, 3>, 2>, biases));
};
constexpr auto scaled = [](const auto& model, auto x) { return model.weight * x + model.biases[1]; };

// The debugger stops here and looks at its caller.
void look() {}

int main() {
  const cg::Shape shape = cg::shape_of(2, 3);
  cg::Graph graph;
  const cg::Value left = cg::ops::input(graph, {cg::Kind::real, shape});
  const cg::Value sum = left + cg::ops::constant(graph, 1.5, shape);
  const cg::Value absent;
  graph.outputs = {sum.id};
  const cg::Node node = graph[sum.id];
  const cg::Tensor<2, 3> traced{sum};
  const cg::Index<4> literal = cg::iota<4>();
  cg::Parameters<Model> parameters{cg::Seed{1}};
  cg::Program<scaled, Model, cg::Tensor<2, 3>> program;
  const xt::xtensor<float, 2> x = {{1, 2, 3}, {4, 5, 6}};
  const auto result = program(parameters, x);
  const auto weight = parameters["weight"];
  look();
  return result(0, 0) == 1 && weight(0, 0) == 1 && !sum.absent() && absent.absent() &&
                 node.operand_count == 2 && traced.rank == 2 && literal.rank == 1
             ? 0
             : 1;
}
