#pragma once

#include <ctgrad/onnx/rule.hpp>
#include <ctgrad/ops/registry.hpp>

#include <boost/hana/tuple.hpp>

#include <array>
#include <span>
#include <type_traits>

/// How every operation is written as ONNX: as it says itself, by its definition, or as a leaf.
namespace ctgrad::onnx {

/// Leaves, whose numbers are written, and what only repeats its operand, which ONNX' operators do by
/// themselves.
constexpr bool is_written_without_a_rule(const Operation& op) {
  return op.is_input || op.is_splat || op.repeats || &op == &operation<ops::ConstantArray> ||
         &op == &operation<ops::Iota>;
}

/// Says of an operation whether it can be written.
template <class Op>
struct operation_in_onnx {
  static constexpr bool is_said_or_defined =
      SaysOnnx<Op> || operation<Op>.definition != nullptr || is_written_without_a_rule(operation<Op>);
};

/// The rules of those operations of a list that say one.
template <class... A>
constexpr auto rules_of(const boost::hana::tuple<A...>&) {
  std::array<Rule, (std::size_t{0} + ... + (SaysOnnx<typename A::type> ? 1 : 0))> rules{};
  std::size_t next = 0;
  [[maybe_unused]] const auto add = [&]<class Op>(std::type_identity<Op>) {
    if constexpr (SaysOnnx<Op>) rules[next++] = rule<Op>();
  };
  (add(std::type_identity<typename A::type>{}), ...);
  return rules;
}

/// An operation of a registry that cannot be written stops here.
template <class... A>
constexpr bool all_are_written(const boost::hana::tuple<A...>&) {
  static_assert((operation_in_onnx<typename A::type>::is_said_or_defined && ...),
                "onnx: an operation of the registry has neither `onnx` nor a definition");
  return true;
}
static_assert(all_are_written(ops::registry) && all_are_written(ops::derived_registry));

inline constexpr auto rules = rules_of(ops::registry);

/// Those of operations that are not the library's. `None` is empty, and keeps the extension from being looked
/// up before users have specialised it.
template <class... None>
inline constexpr auto rules_of_extension = rules_of(ops::extension<None...>);

/// The rule of an operation, one of `own` first; null if there is none.
constexpr const Rule* find_rule(const Operation* operation, std::span<const Rule> own = {}) {
  for (const std::span<const Rule> some : {own, std::span<const Rule>(rules)}) {
    for (const Rule& rule : some) {
      if (rule.operation == operation) return &rule;
    }
  }
  return nullptr;
}

}  // namespace ctgrad::onnx
