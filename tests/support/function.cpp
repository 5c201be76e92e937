#include <support/function.hpp>

#include <ctgrad/passes/eliminate.hpp>

#include <limits>
#include <xtensor/xoperation.hpp>

namespace ctgrad::test {

namespace {

Function of_all_real_inputs(const Graph& graph) {
  Function f{passes::eliminate_dead(graph), {}};
  for (std::size_t i = 0; i < f.graph.inputs.size(); ++i) {
    if (f.graph[f.graph.inputs[i]].type.kind == Kind::real) f.active.push_back(i);
  }
  return f;
}

/// The tangents of f's outputs, in `graph`, a copy of f's, in the given directions.
std::vector<Value> add_tangents(Graph& graph, const Function& f, const std::vector<Value>& directions,
                                const Transforms& transforms) {
  std::vector<Value> placeholders;
  std::vector<autodiff::Dual> duals;
  for (std::size_t i = 0; i < f.active.size(); ++i) {
    placeholders.push_back({&graph, graph.inputs[f.active[i]]});
    duals.push_back({placeholders.back(), directions[i]});
  }
  std::vector<Value> outputs;
  for (const std::int32_t output : f.graph.outputs) outputs.push_back({&graph, output});
  std::vector<Value> tangents;
  for (const autodiff::Dual& dual : transforms.push_forward(graph, placeholders, duals, outputs))
    tangents.push_back(dual.tangent.absent() ? ops::zeros_like(dual.primal) : dual.tangent);
  return tangents;
}

/// f's values at x + distance * direction.
std::vector<Numbers> moved(const Function& f, Point x, const std::vector<Numbers>& direction,
                           double distance) {
  for (std::size_t i = 0; i < f.active.size(); ++i) x[f.active[i]] += distance * direction[i];
  return evaluate(f, x);
}

std::vector<Shape> shapes_of(const Graph& graph, const std::vector<std::int32_t>& ids) {
  std::vector<Shape> shapes;
  for (const std::int32_t id : ids) shapes.push_back(graph[id].shape());
  return shapes;
}

}  // namespace

Function function_of(const Operation& op, const Sample& sample, int only) {
  Graph graph;
  add_value(graph, op, sample);
  Function f = of_all_real_inputs(graph);
  if (only >= 0) f.active = {static_cast<std::size_t>(only)};
  return f;
}

Function forward(const Function& f, const Transforms& transforms) {
  Graph graph = f.graph;
  std::vector<Value> directions;
  for (const Shape& shape : active_shapes(f)) directions.push_back(add_input(graph, {Kind::real, shape}));
  const std::vector<Value> tangents = add_tangents(graph, f, directions, transforms);
  graph.outputs.clear();
  for (const Value tangent : tangents) add_output(graph, tangent);
  return of_all_real_inputs(graph);
}

Function reverse(const Function& f, const Transforms& transforms) {
  Graph graph = f.graph;
  std::vector<Value> directions;
  std::vector<Value> cotangents;
  for (const Shape& shape : output_shapes(f)) cotangents.push_back(add_input(graph, {Kind::real, shape}));
  for (const Shape& shape : active_shapes(f)) directions.push_back(ops::input(graph, {Kind::real, shape}));
  const std::vector<Value> tangents = add_tangents(graph, f, directions, transforms);
  const std::vector<Value> pulled = transforms.transpose(graph, directions, tangents, cotangents);
  graph.outputs.clear();
  for (std::size_t i = 0; i < pulled.size(); ++i)
    add_output(graph, pulled[i].absent() ? ops::zeros_like(directions[i]) : pulled[i]);
  return of_all_real_inputs(graph);
}

std::vector<Shape> active_shapes(const Function& f) {
  std::vector<std::int32_t> ids;
  for (const std::size_t position : f.active) ids.push_back(f.graph.inputs[position]);
  return shapes_of(f.graph, ids);
}

std::vector<Shape> output_shapes(const Function& f) { return shapes_of(f.graph, f.graph.outputs); }

std::vector<Numbers> evaluate(const Function& f, const Point& x) { return interpret(f.graph, x); }

std::vector<Numbers> evaluate(const Function& f, Point x, const std::vector<Numbers>& more) {
  x.insert(x.end(), more.begin(), more.end());
  return interpret(f.graph, x);
}

std::vector<Numbers> stencil(const Function& f, const Point& x, const std::vector<Numbers>& direction) {
  const double h = std::pow(std::numeric_limits<double>::epsilon(), 1.0 / 7);
  constexpr double weights[] = {1, -9, 45};
  std::vector<Numbers> sums;
  for (const Shape& shape : output_shapes(f)) sums.emplace_back(extents(shape), 0.0);
  for (const int k : {3, 2, 1}) {
    const std::vector<Numbers> after = moved(f, x, direction, k * h);
    const std::vector<Numbers> before = moved(f, x, direction, -k * h);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const auto unchanged = xt::equal(after[i], before[i]);  // inf stays inf
      sums[i] += weights[3 - k] / (60 * h) * xt::where(unchanged, 0.0, after[i] - before[i]);
    }
  }
  return sums;
}

std::vector<Numbers> unit_difference(const Function& f, const Point& x,
                                     const std::vector<Numbers>& direction) {
  std::vector<Numbers> difference = moved(f, x, direction, 1);
  const std::vector<Numbers> before = moved(f, x, direction, -1);
  for (std::size_t i = 0; i < before.size(); ++i) difference[i] = (difference[i] - before[i]) / 2;
  return difference;
}

}  // namespace ctgrad::test
