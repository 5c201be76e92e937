#pragma once

#include <ctgrad/passes/fold.hpp>

/// The language in which rules of algebra are written, and what applies a table of them to a node:
///
///     {x * 1, x}                             a product with 1, on either side, gives way to its other factor
///     {(x * c) * d, x * (c * d), moderate}   where a condition holds; numbers are computed at once
///     {slice(slice(x)), sliced_once}         a function of the node gives what takes its place
namespace ctgrad::passes::algebra {

/// What stands at one place of an expression.
enum class Form : std::uint8_t {
  variable,   ///< x, y: any value, and one value wherever it stands
  constant,   ///< c, d: a value of one number in all elements
  number,     ///< 1: a value of this number in all elements
  operation,  ///< an operation on what follows
};

struct Symbol {
  Form form = Form::variable;
  std::int8_t variable = 0;   ///< which variable or constant
  std::int8_t operands = 0;   ///< how many an operation has
  std::int8_t number_at = 0;  ///< how far behind an operation its last operand stands, if a number
  const Operation* operation = nullptr;
  double number = 0;
};

/// An expression's symbols, every operation in front of its operands: (x * c) * d is * * x c d.
struct Expression {
  static constexpr int most = 5;
  Symbol symbols[most] = {};
  int size = 0;

  constexpr Expression() = default;
  constexpr Expression(double number) : size(1) {  // so that `x + 0` is an expression
    symbols[0].form = Form::number;
    symbols[0].number = number;
  }
  constexpr Expression(Form form, std::int8_t variable) : size(1) {
    symbols[0].form = form;
    symbols[0].variable = variable;
  }

  constexpr void append(const Expression& other) {
    for (int i = 0; i < other.size; ++i) symbols[size++] = other.symbols[i];
  }
};

/// An operation in expressions: `exp(x)`.
template <class Op>
struct Function {
  template <class... Operands>
  constexpr Expression operator()(const Operands&... operands) const {
    Expression result;
    result.size = 1;
    (result.append(operands), ...);
    Symbol& root = result.symbols[0];
    root.form = Form::operation;
    root.operation = &operation<Op>;
    root.operands = static_cast<std::int8_t>(sizeof...(operands));
    const Form last = result.symbols[result.size - 1].form;
    const bool by_number = sizeof...(operands) == 2 && (last == Form::number || last == Form::constant);
    root.number_at = static_cast<std::int8_t>(by_number ? result.size - 1 : 0);
    return result;
  }
};

/// How a node has the form of an expression: the values that its variables stand for.
class Match {
 public:
  constexpr Match(Graph& graph, const Expression& expression, std::int32_t id)
      : graph_(graph), found_(match(expression.symbols, id) != nullptr) {}

  constexpr bool found() const { return found_; }
  constexpr Value operator[](const Expression& variable) const {
    return {&graph_, values_[variable.symbols[0].variable]};
  }
  /// The number in all elements of a constant.
  constexpr double number(const Expression& constant) const {
    return (*this)[constant].node().attributes.value;
  }

  /// The value of an expression of the variables; a number takes the type of `like`.
  constexpr Value value(const Expression& expression, Value like) const {
    const Symbol* symbol = expression.symbols;
    return value(symbol, like);
  }

 private:
  /// The symbol behind the expression that begins at `symbol`, if a node has its form; null if it has not.
  constexpr const Symbol* match(const Symbol* symbol, std::int32_t id) {
    const Node& node = graph_[id];
    if (symbol->form == Form::operation) return match_operation(symbol, node);
    if (symbol->form != Form::variable && !node.operation->is_splat) return nullptr;
    if (symbol->form == Form::number) return node.attributes.value == symbol->number ? symbol + 1 : nullptr;
    std::int32_t& known = values_[symbol->variable];
    if (known < 0) known = id;
    return known == id ? symbol + 1 : nullptr;
  }

  /// A number on the right of an operation that commutes may be on the left of the node.
  constexpr const Symbol* match_operation(const Symbol* symbol, const Node& node) {
    if (node.operation != symbol->operation) return nullptr;
    const Symbol* next = symbol + 1;
    if (symbol->number_at == 0) {
      for (int i = 0; i < symbol->operands && next != nullptr; ++i) next = match(next, node.operands[i]);
      return next;
    }
    const Symbol* number = symbol + symbol->number_at;
    int other = 0;
    if (match(number, node.operands[1]) == nullptr) {
      if (!node.operation->commutes || match(number, node.operands[0]) == nullptr) return nullptr;
      other = 1;
    }
    return match(next, node.operands[other]) == nullptr ? nullptr : number + 1;
  }

  /// The value of the expression that begins at `symbol`, which moves behind it.
  constexpr Value value(const Symbol*& symbol, Value like) const {
    const Symbol& first = *symbol++;
    if (first.form == Form::number) return ops::constant(graph_, first.number, like.shape(), like.kind());
    if (first.form != Form::operation) return {&graph_, values_[first.variable]};
    Node node{first.operation, {}, {}, {}, first.operands};
    Type types[3];
    for (int i = 0; i < first.operands; ++i) {
      const Value operand = value(symbol, like);
      node.operands[i] = operand.id;
      types[i] = operand.type();
    }
    node.type = first.operation->infer(types, node.attributes);
    const std::optional<double> number = folded(graph_, node);
    return number ? ops::constant(graph_, *number, node.type.shape) : Value{&graph_, graph_.add(node)};
  }

  Graph& graph_;
  std::int32_t values_[5] = {-1, -1, -1, -1, -1};
  bool found_;
};

/// left -> right, where a condition holds if there is one. The right side is an expression, or a function
/// that gives what takes a node's place; absent where the rule does not apply.
struct Rule {
  Expression left;
  Expression right;
  bool (*where)(const Match&) = nullptr;
  Value (*function)(Value) = nullptr;

  constexpr Rule(const Expression& from, const Expression& to, bool (*condition)(const Match&) = nullptr)
      : left(from), right(to), where(condition) {}
  constexpr Rule(const Expression& from, Value (*to)(Value)) : left(from), function(to) {}

  constexpr const Operation* root() const { return left.symbols[0].operation; }

  /// What takes a node's place; absent where the rule does not apply.
  constexpr Value apply(Value x) const {
    const Match match(*x.graph, left, x.id);
    if (!match.found() || (where != nullptr && !where(match))) return {};
    return function != nullptr ? function(x) : match.value(right, x);
  }
};

/// A table of rules, whose order counts among rules for one operation, which are found by its hash.
template <std::size_t Rules>
class Table {
 public:
  constexpr explicit Table(const Rule (&rules)[Rules]) : rules_(rules) {
    for (int& first : first_) first = -1;
    for (std::size_t i = Rules; i-- > 0;) {
      int& first = first_[slot(rules[i].root())];
      next_[i] = first;
      first = static_cast<int>(i);
    }
  }

  static constexpr int size() { return static_cast<int>(Rules); }
  constexpr const Rule& operator[](int i) const { return rules_[i]; }

  /// What the first rule that applies puts in a node's place; absent where none does.
  constexpr Value simpler(Value x) const {
    const Operation* root = x.node().operation;
    for (int i = first_[slot(root)]; i >= 0; i = next_[i]) {
      if (rules_[i].root() != root) continue;
      const Value found = rules_[i].apply(x);
      if (!found.absent()) return found;
    }
    return {};
  }

 private:
  static constexpr std::size_t slots = 64;
  static constexpr std::size_t slot(const Operation* op) {
    return static_cast<std::size_t>(op->hash & (slots - 1));
  }

  const Rule* rules_;
  int first_[slots] = {};  ///< for every slot its first rule; -1 for none
  int next_[Rules] = {};   ///< for every rule the next of its slot
};

}  // namespace ctgrad::passes::algebra
