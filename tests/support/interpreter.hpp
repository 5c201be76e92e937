#pragma once

#include <ctgrad/graph/graph.hpp>

#include <string_view>
#include <vector>
#include <xtensor/xarray.hpp>

/// The naive meaning of graphs: every value an xtensor array of double, every operation a short reference
/// that shares nothing with the kernels.
namespace ctgrad::test {

/// Real numbers, integers, or truth values as 0 and 1.
using Numbers = xt::xarray<double>;

/// A shape as xtensor has it.
std::vector<std::size_t> extents(const Shape& shape);

/// The graph's outputs for inputs in its order. An operation without a reference means its definition. Throws
/// std::logic_error where an input or a reference gives another shape than the graph says.
std::vector<Numbers> interpret(const Graph& graph, const std::vector<Numbers>& inputs);

struct Call;

/// Tells the interpreter what an operation outside the registry computes.
void define_reference(std::string_view operation, Numbers (*reference)(const Call&));

}  // namespace ctgrad::test
