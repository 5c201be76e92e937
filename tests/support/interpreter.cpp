#include <support/interpreter.hpp>
#include <support/reference/elementwise.hpp>
#include <support/reference/ids.hpp>
#include <support/reference/layout.hpp>
#include <support/reference/leaves.hpp>
#include <support/reference/matrices.hpp>
#include <support/reference/random.hpp>
#include <support/reference/reductions.hpp>

#include <ctgrad/autodiff/arguments.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/passes/expand.hpp>

#include <boost/hana/for_each.hpp>

#include <limits>
#include <map>
#include <stdexcept>

namespace ctgrad::test {

namespace {

using Evaluate = Numbers (*)(const Call&);

/// The reference of every operation in the registry, by its name.
std::map<std::string_view, Evaluate>& references() {
  static auto table = [] {
    std::map<std::string_view, Evaluate> entries;
    boost::hana::for_each(ops::registry, [&](auto op) {
      using Op = typename decltype(op)::type;
      entries[Op::name] = &reference<Op>;
    });
    entries[ops::Result::name] = &reference<ops::Result>;
    entries[ops::Tuple::name] = &reference<ops::Tuple>;
    return entries;
  }();
  return table;
}

/// What stands for an input that a rule made for itself: no output may follow from it.
Numbers placeholder(const Type& type) {
  const double number = type.kind == Kind::real ? std::numeric_limits<double>::quiet_NaN() : 0;
  return Numbers(extents(type.shape), number);
}

void require_shape(const Numbers& value, const Node& node) {
  const std::vector<std::size_t> expected = extents(node.type.shape);
  if (!std::equal(expected.begin(), expected.end(), value.shape().begin(), value.shape().end())) {
    throw std::logic_error("interpreter: " + std::string(node.operation->name) +
                           ": the value has another shape than " + to_string(node.type.shape));
  }
}

}  // namespace

void define_reference(std::string_view operation, Numbers (*reference)(const Call&)) {
  references()[operation] = reference;
}

std::vector<std::size_t> extents(const Shape& shape) {
  std::vector<std::size_t> result;
  for (int axis = 0; axis < shape.rank; ++axis) result.push_back(static_cast<std::size_t>(shape[axis]));
  return result;
}

std::vector<Numbers> interpret(const Graph& graph, const std::vector<Numbers>& inputs) {
  const Graph expanded = passes::expand(graph, [](const Node& node) {
    return references().find(node.operation->name) == references().end() &&
           node.operation->definition != nullptr;
  });
  std::vector<Numbers> values;
  for (std::int32_t id = 0; id < expanded.size(); ++id) {
    const Node& node = expanded[id];
    const auto input = std::find(expanded.inputs.begin(), expanded.inputs.end(), id);
    if (input != expanded.inputs.end()) {
      values.push_back(inputs.at(static_cast<std::size_t>(input - expanded.inputs.begin())));
    } else if (node.operation == &operation<ops::Input>) {
      values.push_back(placeholder(node.type));
    } else {
      Call call{node, {}};
      for (int i = 0; i < node.operand_count; ++i)
        call.operands.push_back(&values[static_cast<std::size_t>(node.operands[i])]);
      values.push_back(references().at(node.operation->name)(call));
    }
    require_shape(values.back(), node);
  }
  std::vector<Numbers> outputs;
  for (const std::int32_t id : expanded.outputs) outputs.push_back(values[static_cast<std::size_t>(id)]);
  return outputs;
}

}  // namespace ctgrad::test
