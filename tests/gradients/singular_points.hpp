#pragma once

#include <support/operations.hpp>

#include <limits>

/// Functions at points where a slope of theirs, or of a part of theirs, is infinite or has no value, and what
/// their derivatives are there.
namespace ctgrad::test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
/// No finite number is right: infinite, or from both sides different.
inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// A function of single numbers. Where a kink is documented, its value is the derivative.
struct SingularPoint {
  const char* name;
  Value (*f)(Value);
  double at;
  double slope;
  double curvature;
};

inline Value only(Value x, Value value) { return ops::select(less(ops::beside(x, 0), x), value, {}); }
/// x to a power that is a value, too.
inline Value power(Value x, double y) { return pow(x, ops::beside(x, y)); }
inline Value one_more(Value x) { return (x + square(x)) / x; }

inline const SingularPoint singular_points[] = {
    {"sqrt(x)", [](Value x) { return sqrt(x); }, 0, none, none},
    {"sqrt(x) sqrt(x)", [](Value x) { return sqrt(x) * sqrt(x); }, 0, 1, 0},
    {"sqrt(x)^2", [](Value x) { return square(sqrt(x)); }, 0, 1, 0},
    {"x sqrt(x)", [](Value x) { return x * sqrt(x); }, 0, 0, none},
    {"sqrt(x^2)", [](Value x) { return sqrt(square(x)); }, 0, none, none},
    {"sqrt(x^3)", [](Value x) { return sqrt(pow(x, 3)); }, 0, 0, none},
    {"sqrt(x^4)", [](Value x) { return sqrt(pow(x, 4)); }, 0, 0, 2},
    {"sqrt(x^2)^2", [](Value x) { return square(sqrt(square(x))); }, 0, 0, 2},
    {"sqrt(|x|)", [](Value x) { return sqrt(abs(x)); }, 0, none, none},
    {"sqrt(|x|)^4", [](Value x) { return square(square(sqrt(abs(x)))); }, 0, 0, 2},
    {"sqrt(sqrt(x))^4", [](Value x) { return pow(sqrt(sqrt(x)), 4); }, 0, 1, 0},
    {"(x^0.5)^2", [](Value x) { return pow(pow(x, 0.5), 2); }, 0, 1, 0},
    {"(x^(1/3))^3", [](Value x) { return pow(pow(x, 1.0 / 3), 3); }, 0, 1, 0},
    {"x^0", [](Value x) { return pow(x, 0); }, 0, 0, 0},
    {"sqrt(x)^0", [](Value x) { return pow(sqrt(x), 0); }, 0, 0, 0},
    {"x^1", [](Value x) { return pow(x, 1); }, 0, 1, 0},
    {"x^2", [](Value x) { return pow(x, 2); }, 0, 0, 2},
    {"x^3", [](Value x) { return pow(x, 3); }, 0, 0, 0},
    {"x^1.5", [](Value x) { return pow(x, 1.5); }, 0, 0, none},
    {"x^-1", [](Value x) { return pow(x, -1); }, 0, none, none},
    {"x^2 at -2", [](Value x) { return pow(x, 2); }, -2, -4, 2},
    {"x^3 at -2", [](Value x) { return pow(x, 3); }, -2, 12, -12},
    {"x^-1 at -2", [](Value x) { return pow(x, -1); }, -2, -0.25, -0.25},
    {"x^0.5 at -2", [](Value x) { return pow(x, 0.5); }, -2, none, none},
    {"1 / x", [](Value x) { return 1 / x; }, 0, none, none},
    {"1 / (1 / x)", [](Value x) { return 1 / (1 / x); }, 0, 1, 0},
    {"x / x", [](Value x) { return x / x; }, 0, 0, 0},
    {"x^2 / x", [](Value x) { return square(x) / x; }, 0, 1, 0},
    {"x^3 / x", [](Value x) { return pow(x, 3) / x; }, 0, 0, 2},
    {"x (1 / x)", [](Value x) { return x * (1 / x); }, 0, 0, 0},
    {"x / sqrt(x)", [](Value x) { return x / sqrt(x); }, 0, none, none},
    {"1 / rsqrt(x)^2", [](Value x) { return 1 / square(rsqrt(x)); }, 0, 1, 0},
    {"x rsqrt(x)", [](Value x) { return x * rsqrt(x); }, 0, none, none},
    {"rsqrt(x)", [](Value x) { return rsqrt(x); }, 0, none, none},
    {"sin(x) / x", [](Value x) { return sin(x) / x; }, 0, 0, -1.0 / 3},
    {"(1 - cos(x)) / x^2", [](Value x) { return (1 - cos(x)) / square(x); }, 0, 0, -1.0 / 12},
    {"expm1(x) / x", [](Value x) { return expm1(x) / x; }, 0, 0.5, 1.0 / 3},
    {"log1p(x) / x", [](Value x) { return log1p(x) / x; }, 0, -0.5, 2.0 / 3},
    {"x^2 rsqrt(x^2) at 1e125", [](Value x) { return square(x) * rsqrt(square(x)); }, 1e125, 1, 0},
    {"x^2 (x^2)^-0.5 at 1e125", [](Value x) { return square(x) * pow(square(x), -0.5); }, 1e125, 1, 0},
    {"log(x)", [](Value x) { return log(x); }, 0, none, none},
    {"x log(x)", [](Value x) { return x * log(x); }, 0, none, none},
    {"x^2 log(x)", [](Value x) { return square(x) * log(x); }, 0, 0, none},
    {"mul_no_nan(x, log(x))", [](Value x) { return mul_no_nan(x, log(x)); }, 0, none, none},
    {"mul_no_nan(x^2, log(x))", [](Value x) { return mul_no_nan(square(x), log(x)); }, 0, 0, none},
    {"mul_no_nan(x^3, 1 / x)", [](Value x) { return mul_no_nan(pow(x, 3), 1 / x); }, 0, 0, 2},
    {"mul_no_nan(sqrt(x), sqrt(x))", [](Value x) { return mul_no_nan(sqrt(x), sqrt(x)); }, 0, 1, 0},
    {"log1p(x) at -1", [](Value x) { return log1p(x); }, -1, none, none},
    {"expm1(log1p(x)) at -1", [](Value x) { return expm1(log1p(x)); }, -1, 1, 0},
    {"exp(log(x))", [](Value x) { return exp(log(x)); }, 0, 1, 0},
    {"log1mexp(x)", [](Value x) { return log1mexp(x); }, 0, none, none},
    {"exp(log1mexp(x))", [](Value x) { return exp(log1mexp(x)); }, 0, 1, -1},
    {"log1mexp(x) at inf", [](Value x) { return log1mexp(x); }, infinity, 0, 0},
    {"exp(-1 / x^2)", [](Value x) { return exp(-(1 / square(x))); }, 0, 0, 0},
    {"log(exp(x)) at 800", [](Value x) { return log(exp(x)); }, 800, 1, 0},
    {"log(exp(x)) at -800", [](Value x) { return log(exp(x)); }, -800, 1, 0},
    {"log(1 + exp(x)) at 800", [](Value x) { return log(1 + exp(x)); }, 800, 1, 0},
    {"log(exp(x) + exp(-x)) at 800", [](Value x) { return log(exp(x) + exp(-x)); }, 800, 1, 0},
    {"1 / (1 + exp(-x)) at -800", [](Value x) { return 1 / (1 + exp(-x)); }, -800, 0, 0},
    {"exp(x) / (1 + exp(x)) at 800", [](Value x) { return exp(x) / (1 + exp(x)); }, 800, 0, 0},
    {"log(sigmoid(x)) at -800", [](Value x) { return log(sigmoid(x)); }, -800, 1, 0},
    {"log(1 - sigmoid(x)) at 800", [](Value x) { return log(1 - sigmoid(x)); }, 800, -1, 0},
    {"log(1 - tanh(x)) at 800", [](Value x) { return log(1 - tanh(x)); }, 800, -2, 0},
    {"log(erfc(x)) at 1e3", [](Value x) { return log(erfc(x)); }, 1e3, -2000.001, -2},
    {"softplus(x) at 800", [](Value x) { return softplus(x); }, 800, 1, 0},
    {"softplus(x) at 1e30", [](Value x) { return softplus(x); }, 1e30, 1, 0},
    {"softplus(x) at -inf", [](Value x) { return softplus(x); }, -infinity, 0, 0},
    {"sigmoid(x) at inf", [](Value x) { return sigmoid(x); }, infinity, 0, 0},
    {"sigmoid(x) at -1e30", [](Value x) { return sigmoid(x); }, -1e30, 0, 0},
    {"tanh(x) at inf", [](Value x) { return tanh(x); }, infinity, 0, 0},
    {"tanh(x) at -1e30", [](Value x) { return tanh(x); }, -1e30, 0, 0},
    {"erf(x) at 1e30", [](Value x) { return erf(x); }, 1e30, 0, 0},
    {"erf(x) at inf", [](Value x) { return erf(x); }, infinity, 0, 0},
    {"gelu(x) at 1e30", [](Value x) { return gelu(x); }, 1e30, 1, 0},
    {"gelu(x) at -1e30", [](Value x) { return gelu(x); }, -1e30, 0, 0},
    {"gelu(x) at -inf", [](Value x) { return gelu(x); }, -infinity, 0, 0},
    {"silu(x) at 1e30", [](Value x) { return silu(x); }, 1e30, 1, 0},
    {"silu(x) at -inf", [](Value x) { return silu(x); }, -infinity, 0, 0},
    {"exp(x) at -inf", [](Value x) { return exp(x); }, -infinity, 0, 0},
    {"sin(x) at inf", [](Value x) { return sin(x); }, infinity, none, none},
    {"asin(x) at 1", [](Value x) { return asin(x); }, 1, none, none},
    {"acos(x) at -1", [](Value x) { return acos(x); }, -1, none, none},
    {"sin(asin(x)) at 1", [](Value x) { return sin(asin(x)); }, 1, 1, 0},
    {"acos(x)^2 at 1", [](Value x) { return square(acos(x)); }, 1, -2, 2.0 / 3},
    {"asin(x) at 2", [](Value x) { return asin(x); }, 2, none, none},
    {"atan(x) at inf", [](Value x) { return atan(x); }, infinity, 0, 0},
    {"atan(1 / x)", [](Value x) { return atan(1 / x); }, 0, none, none},
    {"log(cosh(x)) at 800", [](Value x) { return log(cosh(x)); }, 800, 1, 0},
    {"sinh(x) / x", [](Value x) { return sinh(x) / x; }, 0, 0, 1.0 / 3},
    {"atan2(x, 0)", [](Value x) { return atan2(x, ops::zeros_like(x)); }, 0, none, none},
    {"atan2(x, 1)", [](Value x) { return atan2(x, ops::beside(x, 1)); }, 0, 1, 0},
    {"atan2(x, x) at 1", [](Value x) { return atan2(x, x); }, 1, 0, 0},
    {"x^y, y = 0", [](Value x) { return power(x, 0); }, 0, 0, 0},
    {"x^y, y = 1", [](Value x) { return power(x, 1); }, 0, 1, 0},
    {"x^y, y = 2", [](Value x) { return power(x, 2); }, 0, 0, 2},
    {"x^y, y = 0.5", [](Value x) { return power(x, 0.5); }, 0, none, none},
    {"x^y, y = -1", [](Value x) { return power(x, -1); }, 0, none, none},
    {"x^y, y = 3, at -2", [](Value x) { return power(x, 3); }, -2, 12, -12},
    {"(x^(1/3))^y, y = 3", [](Value x) { return power(pow(x, 1.0 / 3), 3); }, 0, 1, 0},
    {"x^2 (x^2)^y, y = -0.5, at 1e125", [](Value x) { return square(x) * power(square(x), -0.5); }, 1e125, 1,
     0},
    {"x^x", [](Value x) { return pow(x, x); }, 0, none, none},
    {"0^x", [](Value x) { return pow(ops::zeros_like(x), x); }, 0, none, none},
    {"0^x at 1", [](Value x) { return pow(ops::zeros_like(x), x); }, 1, 0, 0},
    {"1^x at inf", [](Value x) { return pow(ops::beside(x, 1), x); }, infinity, 0, 0},
    {"(-2)^x at 2", [](Value x) { return pow(ops::beside(x, -2), x); }, 2, none, none},
    {"relu(x)", [](Value x) { return relu(x); }, 0, 0, 0},
    {"|x|", [](Value x) { return abs(x); }, 0, 0, 0},
    {"relu((x + x^2) / x)", [](Value x) { return relu(one_more(x)); }, 0, 1, 0},
    {"|(x + x^2) / x|", [](Value x) { return abs(one_more(x)); }, 0, 1, 0},
    {"maximum((x + x^2) / x, 0)", [](Value x) { return maximum(one_more(x), ops::zeros_like(x)); }, 0, 1, 0},
    {"clip((x + x^2) / x, 0, 2)", [](Value x) { return clip(one_more(x), 0, 2); }, 0, 1, 0},
};

/// The same behind branches that are not taken: there the derivatives must be right.
inline const SingularPoint branch_points[] = {
    {"sqrt(relu(x)) at -1", [](Value x) { return sqrt(relu(x)); }, -1, 0, 0},
    {"log(maximum(x, 1e-9)) at -1", [](Value x) { return log(maximum(x, ops::beside(x, 1e-9))); }, -1, 0, 0},
    {"rsqrt(maximum(x, 0)) at -1", [](Value x) { return rsqrt(maximum(x, ops::zeros_like(x))); }, -1, 0, 0},
    {"sqrt(x)[x > 0]", [](Value x) { return only(x, sqrt(x)); }, 0, 0, 0},
    {"(x log(x))[x > 0]", [](Value x) { return only(x, x * log(x)); }, 0, 0, 0},
    {"(x log(x))[x > 0] at -1", [](Value x) { return only(x, x * log(x)); }, -1, 0, 0},
    {"sqrt(x[x > 0]) at -1", [](Value x) { return sqrt(only(x, x)); }, -1, 0, 0},
    {"sqrt(x[x > 0])[x > 0]", [](Value x) { return only(x, sqrt(only(x, x))); }, 0, 0, 0},
    {"(tanh(log(x)) sqrt(x))[x > 0]", [](Value x) { return only(x, tanh(log(x)) * sqrt(x)); }, 0, 0, 0},
    {"(sqrt(x) / x)[x > 0]", [](Value x) { return only(x, sqrt(x) / x); }, 0, 0, 0},
    {"sqrt(mul_no_nan(x, 0))", [](Value x) { return sqrt(mul_no_nan(x, ops::zeros_like(x))); }, 0.5, 0, 0},
    {"mul_no_nan(0, log(x))", [](Value x) { return mul_no_nan(ops::zeros_like(x), log(x)); }, 0, 0, 0},
};

}  // namespace ctgrad::test
