// expect: custom_tangent: the rule takes \(y, x..., dx...\)
// expect: rule_result<void>::is_there
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

constexpr auto f = [](auto x) { return cg::exp(x); };
#ifdef CTGRAD_CONTROL
constexpr auto g = cg::custom_tangent(f, [](auto y, auto, auto dx) { return y * dx; });
#else
constexpr auto g = cg::custom_tangent(f, [](auto y, auto dx) { return y * dx; });
#endif
cg::Program<g, cg::Tensor<3>> program;
