#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/interpreter.hpp>
#include <support/operations.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

/// Every rule of the algebra: what it leaves of a small function, and that it is the same function.
namespace ctgrad::test {

namespace {

namespace algebra = passes::algebra;
using algebra::Form;
using algebra::Rule;
using algebra::Symbol;

using X = Tensor<2, 3>;

/// How many nodes besides the input a function of x takes, by these passes.
template <auto F>
std::int32_t nodes() {
  return passes::optimize(runtime::Trace<F, X>::traced()).size() - 1;
}

/// The same of the function as it is written.
template <auto F>
constexpr auto plain = optimize<no_passes>(F);

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// But for rounding; a number that is not finite equals itself alone.
bool equal(double a, double b) {
  if (!std::isfinite(a) || !std::isfinite(b)) return a == b || (std::isnan(a) && std::isnan(b));
  return std::abs(a - b) <= 1e-15 * std::max(1.0, std::abs(b));
}

void check_equal(const Numbers& a, const Numbers& b) {
  REQUIRE(a.shape() == b.shape());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("element " << i << ": " << a.data()[i] << " and " << b.data()[i]);
    CHECK(equal(a.data()[i], b.data()[i]));
  }
}

template <auto F>
void check(std::int32_t expected) {
  CHECK(nodes<F>() == expected);
  CHECK(nodes<F>() < nodes<plain<F>>());
  for (const Numbers& x : {Numbers{{0.5, -1, 2}, {3, -0.25, 0.125}},
                           Numbers{{0, infinity, -infinity}, {-1e300, 1e300, not_a_number}}}) {
    check_equal(interpret(runtime::Trace<F, X>::make(), {x})[0],
                interpret(runtime::Trace<plain<F>, X>::make(), {x})[0]);
  }
}

/// The left side of a rule as a graph: on inputs x, y and m of shape [2, 1, 1, 3] and c = 2, d = 3.
class LeftSide {
 public:
  explicit LeftSide(const Rule& rule) {
    for (Value& variable : variables_) variable = input(Kind::real);
    if (rule.where != nullptr) variables_[0] = square(variables_[0]);  // a rule may ask for x >= 0
    variables_[algebra::m.symbols[0].variable] = input(Kind::mask);
    const Symbol* symbol = rule.left.symbols;
    graph.outputs = {value(symbol).id};
  }

  Graph graph;

 private:
  Value input(Kind kind) {
    const Value made = ops::input(graph, {kind, shape_of(2, 1, 1, 3)});
    graph.inputs.push_back(made.id);
    return made;
  }

  Value value(const Symbol*& symbol) {
    const Symbol& first = *symbol++;
    const auto variable = static_cast<std::size_t>(+first.variable);
    if (first.form == Form::variable) return variables_[variable];
    if (first.form != Form::operation) {
      const double number = first.form == Form::number ? first.number : static_cast<double>(variable) - 1;
      return ops::constant(graph, number, shape_of(2, 1, 1, 3));
    }
    std::vector<Type> types;
    Node node{first.operation, {}, {}, {}, first.operands};
    for (int i = 0; i < first.operands; ++i) {
      const Value operand = value(symbol);
      node.operands[i] = operand.id;
      types.push_back(operand.type());
    }
    node.attributes = attributes(first.operation, types[0].shape);
    node.type = first.operation->infer(types.data(), node.attributes);
    return {&graph, graph.add(node)};
  }

  /// Of a layout that changes any such shape, also twice.
  static Attributes attributes(const Operation* op, const Shape& from) {
    Attributes result;
    if (op == &operation<ops::Reshape>) result.shape = shape_of(from[from.rank - 1], from.rows());
    if (op == &operation<ops::Concatenate>) result.integers[0] = 3;
    if (op == &operation<ops::Permute>) {
      for (int axis = 0; axis < from.rank; ++axis) result.integers[axis] = (axis + 1) % from.rank;
    }
    if (op == &operation<ops::Broadcast>) {
      result.shape = from;
      result.shape[from[1] == 1 ? 1 : 2] = 4;
    }
    if (op == &operation<ops::Slice>) {
      result.shape = from;
      result.shape[3] = 1;
      result.integers[3] = static_cast<std::int32_t>(from[3] - 1);
    }
    return result;
  }

  Value variables_[3];
};

/// Of a sample's operation on 1.5 and -2.25 in all elements.
void check_fold(const Operation& op, const Sample& sample) {
  Graph graph;
  std::vector<Value> constants;
  for (const Sample::Operand& operand : sample.operands)
    constants.push_back(
        ops::constant(graph, constants.empty() ? 1.5 : -2.25, operand.type.shape, operand.type.kind));
  const Value node = apply(graph, op, sample, constants);
  if (node.kind() != Kind::real || node.shape().size() == 0) return;
  INFO(describe(op, sample));
  graph.outputs = {node.id};
  const std::optional<double> number = passes::folded(graph, node.node());
  REQUIRE(number);
  const Numbers computed = interpret(graph, {})[0];
  for (const double each : computed) CHECK(equal(*number, each));
}

std::vector<Numbers> inputs_of(const Graph& graph) {
  constexpr double masks[] = {1, 0, 1, 0, 0, 1};
  constexpr double first[] = {0.5, -1, 0, infinity, -infinity, not_a_number};
  constexpr double others[] = {3, -0.25, infinity, 0, 2, -1};
  std::vector<Numbers> inputs;
  for (const std::int32_t id : graph.inputs) {
    const double* numbers = graph[id].type.kind == Kind::mask ? masks : inputs.empty() ? first : others;
    Numbers input(extents(graph[id].type.shape), 0.0);
    std::copy_n(numbers, input.size(), input.begin());
    inputs.push_back(input);
  }
  return inputs;
}

}  // namespace

TEST_CASE("every rule of the table takes its left side's place, and gives equal values") {
  for (int i = 0; i < algebra::table.size(); ++i) {
    Graph graph = LeftSide(algebra::table[i]).graph;
    INFO("rule " << i << ", left side:\n" << table(graph));
    const std::vector<Numbers> inputs = inputs_of(graph);
    const Numbers left = interpret(graph, inputs)[0];
    const Value node{&graph, graph.outputs[0]};
    const Value right = algebra::table.simpler(node);
    REQUIRE_FALSE(right.absent());
    CHECK(right == algebra::table[i].apply(node));
    CHECK(right.id != node.id);
    CHECK(right.type() == node.type());
    graph.outputs = {right.id};
    check_equal(interpret(graph, inputs)[0], left);
  }
}

TEST_CASE("sums lose zeros and double signs") {
  check<[](auto x) { return exp(x) + 0; }>(1);
  check<[](auto x) { return 0 + exp(x); }>(1);
  check<[](auto x) { return exp(x) - 0; }>(1);
  check<[](auto x) { return 0 - exp(x); }>(2);
  check<[](auto x) { return x + -exp(x); }>(2);
  check<[](auto x) { return x - -exp(x); }>(2);
  check<[](auto x) { return -(-exp(x)); }>(1);
}

TEST_CASE("products lose ones, and scales join") {
  check<[](auto x) { return exp(x) * 1; }>(1);
  check<[](auto x) { return exp(x) / 1; }>(1);
  check<[](auto x) { return exp(x) * -1; }>(2);
  check<[](auto x) { return 2 * (x * 3) * 0.5; }>(2);
}

TEST_CASE("scales whose product is too small or too large for a number stay apart") {
  constexpr auto shrunk = [](auto x) { return x * 1e-200 * 1e-200; };
  constexpr auto grown = [](auto x) { return x * 1e200 * 1e200; };
  constexpr auto none = [](auto x) { return x * std::numeric_limits<double>::infinity() * 0; };
  const Numbers large(std::vector<std::size_t>{2, 3}, 1e300);
  const Numbers small(std::vector<std::size_t>{2, 3}, 1e-300);
  CHECK_THAT(interpret(runtime::Trace<shrunk, X>::make(), {large})[0](0, 0),
             Catch::Matchers::WithinRel(1e-100, 1e-14));
  CHECK_THAT(interpret(runtime::Trace<grown, X>::make(), {small})[0](0, 0),
             Catch::Matchers::WithinRel(1e100, 1e-14));
  CHECK(std::isnan(interpret(runtime::Trace<none, X>::make(), {small})[0](0, 0)));
}

TEST_CASE("mul_no_nan with a constant is a product, or 0") {
  check<[](auto x) { return exp(mul_no_nan(beside(x, constant<>(2)), x * 3)); }>(3);
  check<[](auto x) { return exp(mul_no_nan(x, beside(x, constant<>(1)))); }>(1);
  check<[](auto x) { return exp(x) + mul_no_nan(tanh(x), beside(x, constant<>(0))); }>(1);
  check<[](auto x) { return grad([](auto y) { return sum(log(y)); })(x); }>(2);
}

TEST_CASE("mul_no_nan stays where its factor is no finite constant") {
  constexpr auto f = [](auto x) {
    return mul_no_nan(beside(x, constant<>(std::numeric_limits<double>::infinity())), x);
  };
  CHECK(count<ops::MulNoNan>(runtime::Trace<f, X>::make()) == 1);
}

TEST_CASE("layouts of layouts are one or none") {
  check<[](auto x) { return exp(transpose(transpose(x))); }>(1);
  check<[](auto x) { return slice<0, 0, 1>(slice<1, 1, 3>(exp(x))) * 2; }>(4);
  check<[](auto x) { return slice<0, 2, 4>(concatenate<0>(exp(x), tanh(x))) * 2; }>(3);
  check<[](auto x) { return slice<0, 0, 2>(concatenate<0>(exp(x), tanh(x))) * 2; }>(3);
}

TEST_CASE("choices and functions undo each other") {
  check<[](auto x) { return select(!(x > 0), tanh(x), exp(x)); }>(5);
  check<[](auto x) { return select(x > 0, tanh(x), tanh(x)); }>(1);
  check<[](auto x) { return tanh(log(exp(x))); }>(1);
  check<[](auto x) { return exp(log(square(x))); }>(1);
}

TEST_CASE("exp(log(x)) stays where x may be negative") {
  const Graph kept = runtime::Trace<[](auto x) { return exp(log(x)); }, X>::make();
  CHECK(count<ops::Log>(kept) == 1);
}

TEST_CASE("operations on constants are constants") {
  check<[](auto x) { return x * (beside(x, constant<2, 3>(2)) + 3) / (beside(x, constant<>(4)) * 2); }>(4);
  check<[](auto x) { return x + sum(square(beside(x, ones<2, 3>()))); }>(2);
}

TEST_CASE("what an operation folds constants to is what it computes of them") {
  int folded = 0;
  boost::hana::for_each(ops::registry, [&](auto type) {
    using Op = typename decltype(type)::type;
    if constexpr (operation<Op>.fold != nullptr) {
      ++folded;
      for (const Sample& sample : Op::samples().accepted) check_fold(operation<Op>, sample);
    }
  });
  CHECK(folded >= 11);
}

TEST_CASE("a sum over constants that are no finite numbers is left to the program") {
  const Graph kept = runtime::Trace<[](auto x) { return x + 1 / (beside(x, constant<2, 3>(0))); }, X>::make();
  CHECK(count<ops::Div>(kept) == 1);
}

}  // namespace ctgrad::test
