#include "run.hpp"

namespace {

using Numbers = ctgrad::Tensor<262144>;
constexpr double bytes = 2 * 262144 * 4;

constexpr auto add_one = [](auto x) { return x + 1.0; };
constexpr auto exp_of = [](auto x) { return exp(x); };
constexpr auto log_of = [](auto x) { return log(x); };
constexpr auto tanh_of = [](auto x) { return tanh(x); };
constexpr auto erf_of = [](auto x) { return erf(x); };
constexpr auto gelu_of = [](auto x) { return gelu(x); };
constexpr auto gelu_tanh_of = [](auto x) { return gelu(x, ctgrad::GeluForm::tanh); };

}  // namespace

void bench::add_elementwise_kernels() {
  add_program<add_one, Numbers>("add/262144", {.bytes = bytes});
  add_program<exp_of, Numbers>("exp/262144", {.bytes = bytes});
  add_program<log_of, Numbers>("log/262144", {.bytes = bytes});
  add_program<tanh_of, Numbers>("tanh/262144", {.bytes = bytes});
  add_program<erf_of, Numbers>("erf/262144", {.bytes = bytes});
  add_program<gelu_of, Numbers>("gelu/262144", {.bytes = bytes});
  add_program<gelu_tanh_of, Numbers>("gelu_tanh/262144", {.bytes = bytes});
}
