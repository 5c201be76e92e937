#pragma once

#include "singular_points.hpp"

#include <ctgrad/ops/diagonals.hpp>

/// Functions of vectors at such points.
namespace ctgrad::test {

/// A scalar function of a vector, with its gradient and the rows of its Hessian.
struct SingularVector {
  const char* name;
  Value (*f)(Value);
  std::vector<double> at;
  std::vector<double> gradient;
  std::vector<double> hessian;
};

inline Value total(Value x) { return ops::reshape(ops::sum(x, {true, true}), {}); }
inline Value element(Value x, std::int32_t i) { return ops::slice(x, {i}, shape_of(1)); }
inline Value last_id(Value x) {
  return ops::reshape(ops::slice(ops::iota(*x.graph, x.shape(), 0), {1}, shape_of(1)), {});
}
/// Rows of which the first element is positive.
inline Value only_rows(Value rows, Value x) {
  return ops::select(ops::broadcast_to(less(ops::zeros_like(rows), rows), x.shape()), x, {});
}
inline Value norm(Value x) { return sqrt(total(square(x))); }

/// The operation of that name.
inline Value norm_operation(Value x) { return total(ops::norm(x, {true})); }

inline const SingularVector singular_vectors[] = {
    {"norm(x)", &norm_operation, {0, 0}, {0, 0}, {none, none, none, none}},
    {"norm(x)^2", [](Value x) { return square(norm_operation(x)); }, {0, 0}, {0, 0}, {2, 0, 0, 2}},
    {"norm(x) at 1e200", &norm_operation, {3e200, 4e200}, {0.6, 0.8}, {0, 0, 0, 0}},
    {"norm(x) at 1e-200",
     &norm_operation,
     {3e-200, 4e-200},
     {0.6, 0.8},
     {1.28e199, -9.6e198, -9.6e198, 7.2e198}},
    {"norm(x) at inf", &norm_operation, {infinity, 1}, {1, 0}, {0, 0, 0, 0}},
    {"|x|^2 by its root", [](Value x) { return square(norm(x)); }, {0, 0}, {0, 0}, {2, 0, 0, 2}},
    {"|x|", [](Value x) { return norm(x); }, {0, 0}, {none, none}, {none, none, none, none}},
    {"|x| |x|", [](Value x) { return norm(x) * norm(x); }, {0, 0}, {0, 0}, {2, 0, 0, 2}},
    {"|x|^3", [](Value x) { return pow(norm(x), 3); }, {0, 0}, {0, 0}, {0, 0, 0, 0}},
    {"sum(sqrt(x))", [](Value x) { return total(sqrt(x)); }, {0, 4}, {none, 0.25}, {none, 0, 0, -1.0 / 32}},
    {"sqrt(x0 x1)",
     [](Value x) { return total(sqrt(element(x, 0) * element(x, 1))); },
     {0, 0},
     {0, 0},
     {0, none, none, 0}},
    {"x0 x1 / x1",
     [](Value x) { return total(element(x, 0) * element(x, 1) / element(x, 1)); },
     {1, 0},
     {1, 0},
     {0, 0, 0, 0}},
    {"max(0, (x1 + x1^2) / x1)",
     [](Value x) {
       return total(
           ops::max(ops::concatenate(ops::zeros_like(element(x, 0)), one_more(element(x, 1)), 0), {true}));
     },
     {0, 0},
     {0, 1},
     {0, 0, 0, 0}},
    {"log(sum(exp(x)))", [](Value x) { return log(total(exp(x))); }, {800, 0}, {1, 0}, {0, 0, 0, 0}},
    {"log_sum_exp(x)", [](Value x) { return total(log_sum_exp(x)); }, {-infinity, 0}, {0, 1}, {0, 0, 0, 0}},
    {"log(softmax(x)[0])",
     [](Value x) { return total(log(element(softmax(x), 0))); },
     {-800, 0},
     {1, -1},
     {0, 0, 0, 0}},
    {"log_softmax(x)[1]",
     [](Value x) { return total(element(log_softmax(x), 1)); },
     {-infinity, 0},
     {0, 0},
     {0, 0, 0, 0}},
    {"normalize(x)[0], epsilon 0",
     [](Value x) { return total(element(ops::normalize(x, 0), 0)); },
     {3, 3},
     {none, none},
     {none, none, none, none}},
};

/// Of which some elements are not chosen.
inline const SingularVector branch_vectors[] = {
    {"log(x) up to the diagonal",
     [](Value x) {
       const Value row = log(ops::reshape(x, shape_of(1, 2)));
       return total(ops::select(ops::below_diagonal(*x.graph, row.shape(), 0), row, {}));
     },
     {2, 0},
     {0.5, 0},
     {-0.25, 0, 0, 0}},
    {"sqrt(x)[1]",
     [](Value x) { return total(element(sqrt(x), 1)); },
     {0, 4},
     {0, 0.25},
     {0, 0, 0, -1.0 / 32}},
    {"pick(log(x), 1)",
     [](Value x) { return total(ops::pick(log(x), last_id(x))); },
     {0, 2},
     {0, 0.5},
     {0, 0, 0, -0.25}},
    {"max(sqrt(x))",
     [](Value x) { return total(ops::max(sqrt(x), {true})); },
     {0, 4},
     {0, 0.25},
     {0, 0, 0, -1.0 / 32}},
    {"sqrt(x0)[false, false]",
     [](Value x) {
       const Value wide = ops::broadcast_to(sqrt(element(x, 0)), shape_of(2));
       return total(only(x, wide));
     },
     {0, -1},
     {0, 0},
     {0, 0, 0, 0}},
    {"sqrt(x)[x > 0] twice",
     [](Value x) { return square(total(only(x, sqrt(x)))); },
     {0, 4},
     {0, 1},
     {0, 0, 0, 0}},
    {"log(concatenate(x, 0))[0]",
     [](Value x) { return total(element(log(ops::concatenate(x, ops::zeros_like(x), 0)), 1)); },
     {0, 2},
     {0, 0.5},
     {0, 0, 0, -0.25}},
    {"sum(sqrt(concatenate(x1, 0)))",
     [](Value x) {
       const Value last = element(x, 1);
       return total(sqrt(ops::concatenate(last, ops::zeros_like(last), 0)));
     },
     {0, 4},
     {0, 0.25},
     {0, 0, 0, -1.0 / 32}},
    {"sqrt(gather(x, 1))",
     [](Value x) { return total(sqrt(ops::gather(x, last_id(x)))); },
     {0, 4},
     {0, 0.25},
     {0, 0, 0, -1.0 / 32}},
    {"gather(sqrt(x), 1)",
     [](Value x) { return total(ops::gather(sqrt(x), last_id(x))); },
     {0, 4},
     {0, 0.25},
     {0, 0, 0, -1.0 / 32}},
    {"a matrix product behind a row's mask",
     [](Value x) {
       const Value rows = ops::reshape(x, shape_of(2, 1));
       const Value wide = ops::matmul(sqrt(ops::concatenate(rows, square(rows), 1)),
                                      ops::constant(*x.graph, 1, shape_of(2, 2)));
       return total(only_rows(rows, wide));
     },
     {0, 4},
     {0, 2.5},
     {0, 0, 0, -1.0 / 16}},
    {"a vector behind a row's mask",
     [](Value x) {
       const Value rows = ops::reshape(x, shape_of(2, 1));
       const Value wide = log_softmax(log(ops::concatenate(rows, square(rows), 1)));
       return total(only_rows(rows, square(wide)));
     },
     {0, 1},
     {0, 0},
     {0, 0, 0, 1.6931471805599453}},
};

}  // namespace ctgrad::test
