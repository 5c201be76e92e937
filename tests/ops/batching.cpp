#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/draw.hpp>
#include <support/operations.hpp>

#include <ctgrad/autodiff/vmap.hpp>
#include <ctgrad/passes/expand.hpp>

#include <cstdio>

// Every operation along an added axis is the operation on each part: for every sample, and every choice of
// operands that have the axis.
namespace {

using namespace ctgrad;

constexpr Size count = 3;

/// Part `n` of an array with an added first axis.
test::Numbers part(const test::Numbers& many, const Shape& shape, std::size_t n) {
  test::Numbers one(test::extents(shape));
  const auto size = static_cast<std::size_t>(shape.size());
  for (std::size_t i = 0; i < size; ++i) one.data()[i] = many.data()[n * size + i];
  return one;
}

/// All operands of every part.
using Draws = std::vector<std::vector<test::Numbers>>;

/// The draws of an operand behind each other.
test::Numbers stack(const Draws& draws, std::size_t operand, const Shape& shape) {
  test::Numbers many(test::extents(ops::with_leading_axis(count, shape)));
  const auto size = static_cast<std::size_t>(shape.size());
  for (std::size_t n = 0; n < draws.size(); ++n) {
    for (std::size_t i = 0; i < size; ++i) many.data()[n * size + i] = draws[n][operand].data()[i];
  }
  return many;
}

/// Whether operand `i` is among those that have the axis.
bool has_axis(unsigned chosen, std::size_t i) { return (chosen >> i & 1U) != 0; }

/// The operation along the axis that the operands in the bits of `chosen` have; the others are part 0's.
test::Numbers on_all(const Operation& op, const Sample& sample, unsigned chosen, const Draws& draws) {
  Graph graph;
  std::vector<Value> batched;
  std::vector<Value> operands(sample.operands.size());
  std::vector<test::Numbers> inputs;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const Type& type = sample.operands[i].type;
    if (has_axis(chosen, i)) {
      batched.push_back(test::add_input(graph, {type.kind, ops::with_leading_axis(count, type.shape)}));
      inputs.push_back(stack(draws, i, type.shape));
    } else {
      operands[i] = test::add_input(graph, type);
      inputs.push_back(draws[0][i]);
    }
  }
  std::vector<Value> placeholders;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (!has_axis(chosen, i)) continue;
    operands[i] = ops::input(graph, sample.operands[i].type);
    placeholders.push_back(operands[i]);
  }
  const Value outputs[] = {test::apply(graph, op, sample, operands)};
  autodiff::Vectorizer vectorizer(graph, placeholders, batched, count);
  vectorizer.walk(outputs);
  test::add_output(graph, vectorizer.batched(outputs[0]));
  return test::interpret(passes::eliminate_dead(graph), inputs)[0];
}

/// The operation on part `n`.
test::Numbers on_part(const Operation& op, const Sample& sample, unsigned chosen, const Draws& draws,
                      std::size_t n) {
  Graph graph;
  std::vector<Value> operands;
  std::vector<test::Numbers> inputs;
  for (std::size_t i = 0; i < sample.operands.size(); ++i) {
    operands.push_back(test::add_input(graph, sample.operands[i].type));
    inputs.push_back(draws[has_axis(chosen, i) ? n : 0][i]);
  }
  test::add_output(graph, test::apply(graph, op, sample, operands));
  const auto defined = [](const Node& node) { return node.operation->definition != nullptr; };
  return test::interpret(passes::expand(graph, defined), inputs)[0];
}

/// The largest error of the operation along the axis, against the operation on each part.
double batching_error(const Operation& op, const Sample& sample, unsigned chosen, Random& random) {
  Draws draws;
  for (Size n = 0; n < count; ++n) draws.push_back(test::draw(random, op, sample));
  const test::Numbers many = on_all(op, sample, chosen, draws);
  const Shape shape = test::result_type(op, sample).shape;
  double largest = 0;
  for (std::size_t n = 0; n < draws.size(); ++n) {
    const test::Numbers expected = on_part(op, sample, chosen, draws, n);
    largest = std::max(largest, test::error_between(part(many, shape, n), expected, 1e-14));
  }
  return largest;
}

}  // namespace

TEST_CASE("an operation along an added axis is the operation on each part") {
  test::Tally tally;
  int operations = 0;
  for (const test::Record& record : test::all_operations()) {
    const Operation& op = *record.operation;
    Random random = test::random_for(op);
    bool any = false;
    for (const Sample& sample : record.samples().accepted) {
      if (test::is_input(op) || sample.operands.empty() ||
          test::result_type(op, sample).shape.rank == max_rank)
        continue;
      any = true;
      for (unsigned chosen = 1; chosen < 1U << sample.operands.size(); ++chosen) {
        INFO(op.name << ", operands " << chosen << " of " << to_string(sample.operands[0].type));
        CHECK(tally.count(batching_error(op, sample, chosen, random)) < 1e-14);
      }
    }
    operations += any ? 1 : 0;
  }
  std::printf("figure: batched operations %d, checks %d, largest error %.0e (bar 1e-14)\n", operations,
              tally.checks, tally.largest);
}
