#pragma once

#include <support/arrays.hpp>
#include <support/check_kernels.hpp>
#include <support/condition.hpp>
#include <support/draw.hpp>
#include <support/operations.hpp>
#include <support/run_machine.hpp>

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/passes/expand.hpp>
#include <ctgrad/passes/own_outputs.hpp>

#include <boost/hana/length.hpp>

/// Kernels against the interpreter: for every operation one program that computes the value, the tangent and
/// the cotangents of all its samples.
namespace ctgrad::test {

/// The value, the tangent and the cotangents of one sample behind each other.
constexpr void add_all(Graph& graph, const Operation& op, const Sample& sample) {
  const Applied applied(graph, op, sample);
  add_output(graph, applied.result);
  std::vector<Value> tangents;
  for (std::size_t i = 0; i < applied.operands.size(); ++i) {
    if (applied.active[i] != 0) tangents.push_back(add_input(graph, applied.operands[i].type()));
  }
  if (tangents.empty()) return;
  add_output(graph, applied.tangent(tangents));
  const Value cotangent = add_input(graph, applied.result.type());
  for (const Value pulled : applied.transpose(cotangent)) add_output(graph, pulled);
}

template <class Op>
struct AllSamples {
  static constexpr Graph make() {
    Graph graph;
    for (const Sample& sample : Op::samples().accepted) add_all(graph, operation<Op>, sample);
    return passes::eliminate_dead(passes::own_outputs(passes::expand(graph)));
  }
};

/// How many eps (1 + condition) a kernel may be off. The derivatives of normalize and of unit vectors (dx
/// less its projections on 1 and y, or on y) and of cross-entropies (softmax(x) . dx - dx[target]) subtract
/// numbers of the size of dx, which may cancel to less than the condition of the result tells.
constexpr double bar(const Operation& op) {
  const bool cancels = &op == &operation<ops::Normalize> || &op == &operation<ops::Unit> ||
                       &op == &operation<ops::CrossEntropy> || &op == &operation<ops::LinearCrossEntropy>;
  return cancels ? 20 : 5;
}

/// How many times `bar` * eps (1 + condition) the error is; conditions are scaled by |expected|.
inline double error_ratio(const Numbers& got, const Numbers& expected, const Numbers& scaled_condition,
                          double bar_eps) {
  if (got.shape() != expected.shape()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double a = got.data()[i];
    const double b = expected.data()[i];
    if (a == b) continue;
    const double ratio = std::abs(a - b) / (bar_eps * (std::abs(b) + scaled_condition.data()[i]));
    largest = std::isnan(ratio) ? std::numeric_limits<double>::infinity() : std::max(largest, ratio);
  }
  return largest;
}

/// One sample's inputs and the outputs that the interpreter gives for them.
struct Expected {
  Graph graph;
  std::vector<Numbers> inputs;
  std::vector<Numbers> outputs;
  std::vector<Numbers> conditions;
  double bar;

  Expected(const Operation& op, const Sample& sample, Random& random) : bar(test::bar(op)) {
    add_all(graph, op, sample);
    graph = passes::eliminate_dead(graph);
    inputs = draw(random, op, sample);
    for (std::size_t i = inputs.size(); i < graph.inputs.size(); ++i)
      inputs.push_back(draw_direction(random, graph[graph.inputs[i]].type.shape));
    outputs = interpret(graph, inputs);
    conditions = test::conditions(graph, inputs);
  }
};

template <class Scalar>
void check_outputs(Row& row, const Expected& expected, const std::vector<Numbers>& got, std::size_t first,
                   const std::string& where) {
  const double bar_eps = expected.bar * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (std::size_t i = 0; i < expected.outputs.size(); ++i) {
    row[Column::value].add(error_ratio(got[first + i], expected.outputs[i], expected.conditions[i], bar_eps),
                           1, where + ", output " + std::to_string(i) + " of value, tangent, cotangents");
  }
}

template <class Op>
void check_compiled(Row& row) {
  Random random = random_for(operation<Op>);
  const std::vector<Sample> samples = Op::samples().accepted;
  std::vector<Expected> expected;
  std::vector<Numbers> inputs;
  for (const Sample& sample : samples) {
    expected.emplace_back(operation<Op>, sample, random);
    inputs.insert(inputs.end(), expected.back().inputs.begin(), expected.back().inputs.end());
  }
  runtime::Machine<double, AllSamples<Op>> in_double;
  runtime::Machine<float, AllSamples<Op>> in_float;
  const std::vector<Numbers> got = run(in_double, inputs);
  const std::vector<Numbers> got_float = run(in_float, inputs);
  std::size_t first = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string where = describe(operation<Op>, samples[i]);
    check_outputs<double>(row, expected[i], got, first, where + " in double");
    check_outputs<float>(row, expected[i], got_float, first, where + " in float");
    first += expected[i].outputs.size();
  }
  row[Column::exact].add(first == got.size(), "outputs of the program");
  row[Column::exact].add(equal_bits(run(in_double, inputs), got), "the program twice in double");
  row[Column::exact].add(equal_bits(run(in_float, inputs), got_float), "the program twice in float");
}

constexpr std::size_t operation_count = decltype(boost::hana::length(ops::registry))::value;

/// An operation's position in the registry.
template <class Op>
constexpr std::size_t position_of = runtime::OperationOf<&operation<Op>>::index;

/// Checks the operations of the registry from position Begin up to End.
template <std::size_t Begin, std::size_t End>
void check_compiled_operations(std::vector<Row>& rows) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (check_compiled<
         typename std::remove_cvref_t<decltype(boost::hana::at_c<Begin + I>(ops::registry))>::type>(
         rows[Begin + I]),
     ...);
  }(std::make_index_sequence<End - Begin>{});
}

}  // namespace ctgrad::test
