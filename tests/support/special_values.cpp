#include <ctgrad/passes/own_outputs.hpp>

#include <support/check_kernels.hpp>
#include <support/compare.hpp>
#include <support/operations.hpp>
#include <support/run_machine.hpp>

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

/// Both NaN, or both infinite or not, of the same sign.
bool same_kind(double a, double b) {
  return std::isnan(a) == std::isnan(b) && std::isinf(a) == std::isinf(b) && (a > 0) == (b > 0) &&
         (a < 0) == (b < 0);
}

template <class Op>
void check_special_values_of(Row& row) {
  std::vector<Numbers> inputs;
  for (const Sample& sample : special_samples<Op>()) {
    for (const Numbers& operand : combinations(sample)) inputs.push_back(operand);
  }
  runtime::Machine<double, OnSpecialValues<Op>> in_double;
  runtime::Machine<float, OnSpecialValues<Op>> in_float;
  const std::vector<Numbers> expected = interpret(in_double.graph.thaw(), inputs);
  const std::vector<Numbers> got = run(in_double, inputs);
  const std::vector<Numbers> got_float = run(in_float, inputs);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string where = std::string(Op::name) + " of special values, attributes " + std::to_string(i);
    for (std::size_t k = 0; k < expected[i].size(); ++k) {
      const double wanted = expected[i].data()[k];
      row[Column::special].add(error_between(got[i].data()[k], wanted, 1e-300), 1e-15, where);
      row[Column::special].add(same_kind(got_float[i].data()[k], wanted), where + " in float");
    }
  }
}

}  // namespace

void check_special_values(std::vector<Row>& rows) {
  std::size_t position = 0;
  boost::hana::for_each(ops::registry, [&](auto op) {
    using Op = typename decltype(op)::type;
    if constexpr (takes_special_values<Op>()) check_special_values_of<Op>(rows[position]);
    ++position;
  });
}

}  // namespace ctgrad::test
