#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/operations.hpp>
#include <support/run_machine.hpp>

#include <cstdio>

/// Special values through the kernel of every operation that works element by element.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double special[] = {-1.3, 0.49,     0.99,      1.01,
                              0,    infinity, -infinity, std::numeric_limits<double>::quiet_NaN()};
constexpr Size count = std::size(special);

/// The samples that take real numbers, each kind of attributes once, with room for all combinations.
template <class Op>
constexpr std::vector<Sample> special_samples() {
  std::vector<Sample> samples;
  for (Sample sample : Op::samples().accepted) {
    Size size = 1;
    for (Sample::Operand& operand : sample.operands) size *= operand.type.kind == Kind::mask ? 2 : count;
    bool wanted = !sample.operands.empty() && sample.operands.back().type.kind == Kind::real;
    for (const Sample& other : samples) wanted = wanted && !(other.attributes == sample.attributes);
    for (Sample::Operand& operand : sample.operands) operand.type.shape = shape_of(size);
    if (wanted) samples.push_back(sample);
  }
  return samples;
}

template <class Op>
constexpr bool takes_special_values() {
  if (!std::is_base_of_v<ops::Elementwise, Op> || std::is_same_v<Op, ops::Broadcast>) return false;
  return !special_samples<Op>().empty();
}

template <class Op>
struct OnSpecialValues {
  static constexpr Graph make() {
    Graph graph;
    for (const Sample& sample : special_samples<Op>()) add_value(graph, operation<Op>, sample);
    return passes::own_outputs(graph);
  }
};

/// Every combination of special values (and truth values) over the operands of a sample.
std::vector<Numbers> combinations(const Sample& sample) {
  std::vector<Numbers> operands;
  std::size_t stride = 1;
  for (const Sample::Operand& operand : sample.operands) {
    Numbers numbers(extents(operand.type.shape));
    const bool mask = operand.type.kind == Kind::mask;
    const std::size_t choices = mask ? 2 : std::size(special);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::size_t choice = i / stride % choices;
      numbers.data()[i] = mask ? static_cast<double>(choice) : special[choice];
    }
    operands.push_back(numbers);
    stride *= choices;
  }
  return operands;
}

/// In float: the same kind of number.
bool same_kind(const Numbers& a, const Numbers& b) {
  bool same = a.shape() == b.shape();
  for (std::size_t i = 0; same && i < a.size(); ++i) {
    const double x = a.data()[i];
    const double y = b.data()[i];
    same = std::isnan(x) == std::isnan(y) && std::isinf(x) == std::isinf(y) && (x > 0) == (y > 0) &&
           (x < 0) == (y < 0);
  }
  return same;
}

template <class Op>
int check_special_values() {
  std::vector<Numbers> inputs;
  for (const Sample& sample : special_samples<Op>()) {
    for (const Numbers& operand : combinations(sample)) inputs.push_back(operand);
  }
  runtime::Machine<double, OnSpecialValues<Op>> in_double;
  runtime::Machine<float, OnSpecialValues<Op>> in_float;
  const std::vector<Numbers> expected = interpret(in_double.graph.thaw(), inputs);
  const std::vector<Numbers> got = run(in_double, inputs);
  const std::vector<Numbers> got_float = run(in_float, inputs);
  int checks = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(Op::name << ", attributes " << i);
    CHECK(error_between(got[i], expected[i], 1e-300) <= 1e-15);
    CHECK(same_kind(got_float[i], expected[i]));
    checks += 2 * static_cast<int>(expected[i].size());
  }
  return checks;
}

}  // namespace

TEST_CASE("every scalar operation gives special values their limits", "[ops]") {
  int operations = 0;
  int checks = 0;
  boost::hana::for_each(ops::registry, [&](auto op) {
    using Op = typename decltype(op)::type;
    if constexpr (takes_special_values<Op>()) {
      checks += check_special_values<Op>();
      ++operations;
    }
  });
  std::printf("figure: special values through %d operations, checks %d\n", operations, checks);
  CHECK(operations >= 25);
}

}  // namespace ctgrad::test
