#include <support/catch.hpp>
#include <support/compare.hpp>
#include <support/draw.hpp>
#include <support/operations.hpp>

#include <ctgrad/autodiff/vmap.hpp>
#include <ctgrad/graph/passes/expand.hpp>

#include <cstdio>

// Every operation along an added axis is the operation on each part: for every sample, and every choice of
// operands that have the axis.
namespace {

using namespace ctgrad;

constexpr Size count = 3;

/// Part `n` of an array with an added first axis.
test::Numbers part(const test::Numbers& many, const Shape& shape, Size n) {
  test::Numbers one(test::extents(shape));
  const auto size = static_cast<std::size_t>(shape.size());
  for (std::size_t i = 0; i < size; ++i) one.data()[i] = many.data()[static_cast<std::size_t>(n) * size + i];
  return one;
}

/// `count` draws of an operand behind each other.
test::Numbers stack(const std::vector<std::vector<test::Numbers>>& draws, std::size_t operand,
                    const Shape& shape) {
  test::Numbers many(test::extents(ops::with_leading_axis(count, shape)));
  const auto size = static_cast<std::size_t>(shape.size());
  for (std::size_t n = 0; n < draws.size(); ++n) {
    for (std::size_t i = 0; i < size; ++i) many.data()[n * size + i] = draws[n][operand].data()[i];
  }
  return many;
}

/// The operation along the axis that the operands in the bits of `chosen` have, against the operation on each
/// part.
double batching_error(const Operation& op, const Sample& sample, unsigned chosen, Random& random) {
  std::vector<std::vector<test::Numbers>> draws;
  for (Size n = 0; n < count; ++n) draws.push_back(test::draw(random, op, sample));

  Graph graph;
  std::vector<Value> placeholders;
  std::vector<Value> batched;
  std::vector<Value> operands;
  std::vector<test::Numbers> inputs;
  for (std::size_t i = 0; i < sample.operands.size(); ++i) {
    const Type& type = sample.operands[i].type;
    if ((chosen >> i & 1U) != 0) {
      batched.push_back(test::add_input(graph, {type.kind, ops::with_leading_axis(count, type.shape)}));
      inputs.push_back(stack(draws, i, type.shape));
    } else {
      operands.push_back(test::add_input(graph, type));
      inputs.push_back(draws[0][i]);
    }
  }
  std::vector<Value> all;
  std::size_t fixed = 0;
  for (std::size_t i = 0; i < sample.operands.size(); ++i) {
    const bool along = (chosen >> i & 1U) != 0;
    if (along) placeholders.push_back(ops::input(graph, sample.operands[i].type));
    all.push_back(along ? placeholders.back() : operands[fixed++]);
  }
  const Value outputs[] = {test::apply(graph, op, sample, all)};
  autodiff::Vectorizer vectorizer(graph, placeholders, batched, count);
  vectorizer.walk(outputs);
  test::add_output(graph, vectorizer.batched(outputs[0]));
  const test::Numbers many = test::interpret(passes::eliminate_dead(graph), inputs)[0];

  double largest = 0;
  for (Size n = 0; n < count; ++n) {
    Graph single;
    std::vector<Value> values;
    std::vector<test::Numbers> arguments;
    for (std::size_t i = 0; i < sample.operands.size(); ++i) {
      values.push_back(test::add_input(single, sample.operands[i].type));
      arguments.push_back(draws[(chosen >> i & 1U) != 0 ? static_cast<std::size_t>(n) : 0][i]);
    }
    const Value one = test::apply(single, op, sample, values);
    test::add_output(single, one);
    const auto defined = [](const Node& node) { return node.operation->definition != nullptr; };
    const test::Numbers expected = test::interpret(passes::expand(single, defined), arguments)[0];
    largest = std::max(largest, test::error_between(part(many, one.shape(), n), expected, 1e-14));
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
