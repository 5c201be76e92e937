#pragma once

#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/condition.hpp>
#include <support/draw.hpp>
#include <support/operations.hpp>
#include <support/run_machine.hpp>

#include <ctgrad/graph/passes/eliminate.hpp>

#include <boost/hana/length.hpp>

#include <cstdio>

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
    return passes::eliminate_dead(passes::own_outputs(graph));
  }
};

/// How many eps (1 + condition) a kernel may be off. The derivatives of normalize (dx less its projections on
/// 1 and y) and of cross_entropy (softmax(x) . dx - dx[target]) subtract numbers of the size of dx, which may
/// cancel to less than the condition of the result tells.
constexpr double bar(const Operation& op) {
  return &op == &operation<ops::Normalize> || &op == &operation<ops::CrossEntropy> ? 20 : 5;
}

struct Totals {
  int operations = 0;
  Tally in_double;  ///< errors over bar * eps (1 + condition)
  Tally in_float;
  Tally repeated;
};

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

inline bool equal_bits(const std::vector<Numbers>& a, const std::vector<Numbers>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].size() > 0 && std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(double)) != 0)
      return false;
  }
  return a.size() == b.size();
}

template <class Scalar>
void check_outputs(Tally& tally, const Expected& expected, const std::vector<Numbers>& got,
                   std::size_t first) {
  const double bar_eps = expected.bar * static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  for (std::size_t i = 0; i < expected.outputs.size(); ++i) {
    INFO("output " << i << " of value, tangent, cotangents");
    CHECK(tally.count(error_ratio(got[first + i], expected.outputs[i], expected.conditions[i], bar_eps)) <=
          1);
  }
}

template <class Op>
void check_compiled(Totals& totals) {
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
    INFO(Op::name << ", sample " << i << ": " << to_string(result_type(operation<Op>, samples[i])));
    check_outputs<double>(totals.in_double, expected[i], got, first);
    check_outputs<float>(totals.in_float, expected[i], got_float, first);
    first += expected[i].outputs.size();
  }
  REQUIRE(first == got.size());
  CHECK(equal_bits(run(in_double, inputs), got));
  CHECK(equal_bits(run(in_float, inputs), got_float));
  totals.repeated.checks += 2;
  ++totals.operations;
}

/// Checks the operations of the registry from position Begin up to End. The figure's bar is 20 for two of
/// them.
template <std::size_t Begin, std::size_t End>
void check_compiled_operations() {
  Totals totals;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (check_compiled<
         typename std::remove_cvref_t<decltype(boost::hana::at_c<Begin + I>(ops::registry))>::type>(totals),
     ...);
  }(std::make_index_sequence<End - Begin>{});
  std::printf(
      "figure: compiled operations %d, checks %d, largest error %.2f in double, %.2f in float of the bar, "
      "5 eps (1 + condition), 20 of normalize and cross_entropy\n",
      totals.operations, totals.in_double.checks + totals.in_float.checks + totals.repeated.checks,
      totals.in_double.largest, totals.in_float.largest);
}

}  // namespace ctgrad::test
