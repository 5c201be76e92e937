#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/draw.hpp>
#include <support/operations.hpp>

#include <ctgrad/graph/passes/eliminate.hpp>

#include <cstdio>
#include <xtensor/xoperation.hpp>

/// Tangents against differences and transposes against the adjoint identity, for every operation and sample,
/// in the interpreter: no kernel takes part.
namespace ctgrad::test {

namespace {

struct Totals {
  Tally tangent;
  Tally linear;
  Tally adjoint;
  Tally exact;
};

/// One operation on one sample, with drawn operands.
class Case {
 public:
  Case(const Record& record, const Sample& sample, Random& random)
      : op_(*record.operation), sample_(sample), random_(random), operands_(draw(random, op_, sample)) {}

  /// `only` is the one operand that derivatives are taken with respect to, or -1 for all real ones.
  void check_tangent(Totals& totals, int only) {
    const std::vector<Numbers> directions = draw_clear_directions(only);
    const Numbers tangent = evaluate_tangent(directions, only);
    REQUIRE(all_finite(tangent));
    if (op_.linearity == Linearity::nonlinear) {
      CHECK(totals.tangent.count(error_between(tangent, stencil(directions, only), 1e-8)) <= 1e-8);
    } else if (op_.linearity == Linearity::linear || only >= 0) {
      CHECK(totals.linear.count(error_between(tangent, unit_difference(directions, only), 1e-13)) <= 1e-13);
    }
  }

  void check_adjoint(Totals& totals, int only) {
    const std::vector<Numbers> directions = draw_directions(only);
    const Numbers cotangent = draw_direction(random_, result_type(op_, sample_).shape);
    const Numbers tangent = evaluate_tangent(directions, only);
    const std::vector<Numbers> pulled = evaluate_transpose(cotangent, only);
    REQUIRE(pulled.size() == directions.size());
    REQUIRE(all_finite(tangent));
    double right = 0;
    for (std::size_t i = 0; i < pulled.size(); ++i) {
      CHECK(pulled[i].shape() == directions[i].shape());
      REQUIRE(all_finite(pulled[i]));
      right += inner_product(pulled[i], directions[i]);
    }
    CHECK(totals.adjoint.count(error_between(inner_product(cotangent, tangent), right, 1e-12)) <= 1e-12);
  }

  void check_zero_cotangent(Totals& totals, int only) {
    const Numbers zeros(extents(result_type(op_, sample_).shape), 0.0);
    for (const Numbers& pulled : evaluate_transpose(zeros, only)) {
      const Numbers expected(std::vector<std::size_t>(pulled.shape().begin(), pulled.shape().end()), 0.0);
      CHECK(totals.exact.count(error_between(pulled, expected, 0)) == 0);
    }
  }

 private:
  bool is_active(std::size_t operand, int only) const {
    const std::vector<int> real = differentiable(op_, sample_);
    const int i = static_cast<int>(operand);
    return std::find(real.begin(), real.end(), i) != real.end() && (only < 0 || only == i);
  }

  std::vector<Numbers> draw_directions(int only) {
    std::vector<Numbers> directions;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      if (is_active(i, only)) directions.push_back(draw_direction(random_, sample_.operands[i].type.shape));
    }
    return directions;
  }

  /// Of a few directions the one in which the derivative cancels least: where it does, its relative error
  /// would be the rounding of the differences.
  std::vector<Numbers> draw_clear_directions(int only) {
    std::vector<Numbers> best;
    double clearest = -1;
    for (int i = 0; i < 8; ++i) {
      std::vector<Numbers> directions = draw_directions(only);
      double smallest = std::numeric_limits<double>::infinity();
      for (const double entry : evaluate_tangent(directions, only)) {
        if (entry != 0) smallest = std::min(smallest, std::abs(entry));
      }
      if (smallest > clearest) best = std::move(directions);
      clearest = std::max(clearest, smallest);
    }
    return best;
  }

  Numbers evaluate_tangent(const std::vector<Numbers>& directions, int only) const {
    Graph graph;
    add_tangent(graph, op_, sample_, only);
    std::vector<Numbers> inputs = operands_;
    inputs.insert(inputs.end(), directions.begin(), directions.end());
    return interpret(passes::eliminate_dead(graph), inputs)[0];
  }

  std::vector<Numbers> evaluate_transpose(const Numbers& cotangent, int only) const {
    Graph graph;
    add_transpose(graph, op_, sample_, only);
    std::vector<Numbers> inputs = operands_;
    inputs.push_back(cotangent);
    return interpret(passes::eliminate_dead(graph), inputs);
  }

  /// The operation's value at operands + step * directions.
  Numbers moved(const std::vector<Numbers>& directions, int only, double step) const {
    Graph graph;
    add_value(graph, op_, sample_);
    std::vector<Numbers> inputs = operands_;
    std::size_t next = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (is_active(i, only)) inputs[i] += step * directions[next++];
    }
    return interpret(passes::eliminate_dead(graph), inputs)[0];
  }

  /// The derivative by six points, the operands being of order 1: error of order h^6.
  Numbers stencil(const std::vector<Numbers>& directions, int only) const {
    const double h = std::pow(std::numeric_limits<double>::epsilon(), 1.0 / 7);
    constexpr double weights[] = {1, -9, 45};
    Numbers sum(extents(result_type(op_, sample_).shape), 0.0);
    for (const int k : {3, 2, 1}) {
      const Numbers after = moved(directions, only, k * h);
      const Numbers before = moved(directions, only, -k * h);
      sum += weights[3 - k] * xt::where(xt::equal(after, before), 0.0, after - before);  // inf stays inf
    }
    return sum / (60 * h);
  }

  Numbers unit_difference(const std::vector<Numbers>& directions, int only) const {
    return (moved(directions, only, 1) - moved(directions, only, -1)) / 2;
  }

  const Operation& op_;
  const Sample& sample_;
  Random& random_;
  std::vector<Numbers> operands_;
};

std::string describe(const Operation& op, const Sample& sample) {
  std::string words(op.name);
  for (const Sample::Operand& operand : sample.operands) words += " " + to_string(operand.type);
  return words + " -> " + to_string(result_type(op, sample));
}

/// Calls check(case, operand) for every operation and sample: for all real operands together (-1), and for
/// each alone where there are several.
template <class Check>
void for_each_derivative(Check check) {
  for (const Record& record : all_operations()) {
    Random random = random_for(*record.operation);
    for (const Sample& sample : record.samples().accepted) {
      const std::vector<int> real = differentiable(*record.operation, sample);
      if (real.empty() || record.operation->linearity == Linearity::constant) continue;
      Case each(record, sample, random);
      INFO(describe(*record.operation, sample));
      check(each, -1);
      for (const int operand : real) {
        if (real.size() > 1) check(each, operand);
      }
    }
  }
}

Totals totals;

}  // namespace

TEST_CASE("every tangent is the limit of differences", "[ops]") {
  for_each_derivative([](Case& each, int operand) { each.check_tangent(totals, operand); });
  CHECK(totals.tangent.checks + totals.linear.checks > 0);
}

TEST_CASE("every transpose satisfies the adjoint identity", "[ops]") {
  for_each_derivative([](Case& each, int operand) { each.check_adjoint(totals, operand); });
}

TEST_CASE("a zero cotangent gives zeros for every operation", "[ops]") {
  for_each_derivative([](Case& each, int operand) { each.check_zero_cotangent(totals, operand); });
}

TEST_CASE("every operation refuses wrong operands with a message that names it", "[ops]") {
  for (const Record& record : all_operations()) {
    const Operation& op = *record.operation;
    for (const Sample& sample : record.samples().refused) {
      std::vector<Type> types;
      for (const Sample::Operand& operand : sample.operands) types.push_back(operand.type);
      types.resize(max_operands);
      INFO(op.name << " of " << to_string(types[0]) << " and " << to_string(types[1]));
      REQUIRE(op.infer != nullptr);
      ++totals.exact.checks;
      CHECK_THROWS_WITH(op.infer(types.data(), sample.attributes), contains(std::string(op.name) + ": "));
      CHECK_THROWS_AS(op.infer(types.data(), sample.attributes), std::invalid_argument);
    }
    CHECK((op.infer == nullptr || !record.samples().refused.empty() || op.linearity == Linearity::constant ||
           &op == &operation<ops::Copy>));
  }
}

TEST_CASE("figures of the derivatives", "[ops]") {
  std::printf(
      "figure: operations %zu, checks %d, largest tangent error %.1g (bar 1e-8), of linear operations %.1g "
      "(bar 1e-13), largest adjoint error %.1g (bar 1e-12)\n",
      all_operations().size(),
      totals.tangent.checks + totals.linear.checks + totals.adjoint.checks + totals.exact.checks,
      totals.tangent.largest, totals.linear.largest, totals.adjoint.largest);
}

}  // namespace ctgrad::test
