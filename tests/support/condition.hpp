#pragma once

#include <support/interpreter.hpp>

/// How much outputs change when every input is rounded.
namespace ctgrad::test {

/// For every output element y the sum of |x dy/dx| over all real input elements x: |y| times the condition.
std::vector<Numbers> conditions(const Graph& graph, const std::vector<Numbers>& inputs);

}  // namespace ctgrad::test
