#pragma once

#include <ctgrad/base/shape.hpp>
#include <ctgrad/onnx/model.hpp>

#include <algorithm>
#include <map>
#include <set>

/// ONNX nodes under construction.
namespace ctgrad::onnx {

class Builder;

/// A value of a model under construction; onnx/terms.hpp says what is done with it.
struct Term {
  Builder* to = nullptr;
  std::string name;
  Element element{};
};

constexpr Element element_of(Kind kind) {
  return kind == Kind::real ? Element::real : kind == Kind::index ? Element::index : Element::mask;
}

inline Extents extents_of(const Shape& shape) { return {shape.extents, shape.extents + shape.rank}; }

/// The bytes of a number as an element.
inline void append_element(std::string& bytes, Element element, double number) {
  const auto append = [&](auto exact) { bytes.append(reinterpret_cast<const char*>(&exact), sizeof(exact)); };
  if (element == Element::real) append(static_cast<float>(number));
  if (element == Element::index) append(static_cast<std::int32_t>(number));
  if (element == Element::wide) append(static_cast<std::int64_t>(number));
  if (element == Element::mask) append(static_cast<char>(number != 0 ? 1 : 0));
}

/// Nodes and constants of one graph, or of the body of one function. Equal ones exist once.
class Builder {
 public:
  enum class Of : std::uint8_t { graph, function };
  explicit Builder(Of of) : of_(of) {}

  /// A name for something from outside. Throws std::invalid_argument if it is taken.
  Term outside(const std::string& name, Element element) {
    if (name.empty() || !names_.insert(name).second) {
      throw std::invalid_argument(name.empty() ? std::string("onnx: an input or output without a name")
                                               : "onnx: two inputs or outputs are called '" + name +
                                                     "': give the arguments or the results other names");
    }
    return {this, name, element};
  }

  /// A node with one output, whose elements are like those of its first input unless it is said.
  Term node(const std::string& operation, const std::vector<Term>& inputs,
            const std::vector<Attribute>& attributes = {}) {
    return node(operation, inputs, attributes, inputs.at(0).element);
  }
  Term node(const std::string& operation, const std::vector<Term>& inputs,
            const std::vector<Attribute>& attributes, Element element) {
    return nodes(operation, inputs, attributes, element, 1).front();
  }
  /// A node with several outputs, of ONNX' own or a function in `domain`.
  std::vector<Term> nodes(const std::string& operation, const std::vector<Term>& inputs,
                          std::vector<Attribute> attributes, Element element, std::size_t outputs,
                          const std::string& domain = "") {
    ModelNode made{operation, domain, {}, {}, std::move(attributes)};
    for (const Term& input : inputs) made.inputs.push_back(input.name);
    const std::string key = encoding::message_of(made).bytes();
    auto found = made_.find(key);
    if (found == made_.end()) {
      for (std::size_t i = 0; i < outputs; ++i) made.outputs.push_back(unique(operation));
      found = made_.emplace(key, made.outputs).first;
      nodes_.push_back(std::move(made));
    }
    std::vector<Term> terms;
    for (const std::string& name : found->second) terms.push_back({this, name, element});
    return terms;
  }

  /// Gives a value the name of an output.
  void output(const Term& value, const std::string& name) {
    const Term named = outside(name, value.element);
    nodes_.push_back({"Identity", "", {value.name}, {named.name}, {}});
    outputs_.push_back(name);
  }

  /// A tensor of these numbers.
  Term constant(Element element, const Extents& extents, const std::vector<double>& numbers) {
    Tensor tensor{"", element, extents, ""};
    for (const double number : numbers) append_element(tensor.bytes, element, number);
    return constant(std::move(tensor));
  }
  Term constant(Tensor tensor) {
    const Element element = tensor.element;
    if (of_ == Of::function) return nodes("Constant", {}, {{"value", std::move(tensor)}}, element, 1).front();
    const std::string key = encoding::message_of(tensor).bytes();
    auto found = constants_.find(key);
    if (found == constants_.end()) {
      found = constants_.emplace(key, unique("constant")).first;
      tensor.name = found->second;
      initializers_.push_back(std::move(tensor));
    }
    return {this, found->second, element};
  }
  Term scalar(Element element, double number) { return constant(element, {}, {number}); }
  /// Integers of 64 bits, as ONNX takes shapes and axes.
  Term integers(const Extents& numbers) {
    const std::vector<double> exact(numbers.begin(), numbers.end());
    return constant(Element::wide, {static_cast<std::int64_t>(numbers.size())}, exact);
  }
  /// A tensor from outside that is part of the file: a parameter.
  void initialize(Tensor tensor) { initializers_.push_back(std::move(tensor)); }

  /// Has a function of this name made once, by `make`.
  template <class Make>
  void function(const std::string& name, Make make) {
    for (const Function& made : functions_) {
      if (made.name == name) return;
    }
    functions_.push_back(make());
  }

  /// What was built and is needed for the outputs. Initialisers given by `initialize` all stay.
  Model take(std::string name, const std::set<std::string>& kept) {
    std::set<std::string> needed(outputs_.begin(), outputs_.end());
    Model model;
    model.name = std::move(name);
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
      bool used = false;
      for (const std::string& output : node->outputs) used = used || needed.contains(output);
      if (!used) continue;
      needed.insert(node->inputs.begin(), node->inputs.end());
      model.nodes.push_back(std::move(*node));
    }
    std::ranges::reverse(model.nodes);
    for (Tensor& tensor : initializers_) {
      if (needed.contains(tensor.name) || kept.contains(tensor.name))
        model.initializers.push_back(std::move(tensor));
    }
    model.functions = std::move(functions_);
    return model;
  }

 private:
  /// A name that nothing has yet: "Softmax_3".
  std::string unique(const std::string& operation) {
    std::string name;
    do {
      name = operation + "_" + std::to_string(++counts_[operation]);
    } while (!names_.insert(name).second);
    return name;
  }

  Of of_;
  std::vector<ModelNode> nodes_;
  std::vector<Tensor> initializers_;
  std::vector<Function> functions_;
  std::vector<std::string> outputs_;
  std::set<std::string> names_;
  std::map<std::string, int> counts_;
  std::map<std::string, std::vector<std::string>> made_;  ///< outputs by all that a node is besides
  std::map<std::string, std::string> constants_;
};

}  // namespace ctgrad::onnx
