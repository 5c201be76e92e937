#include "run.hpp"

namespace {

using Rows = ctgrad::Tensor<2048, 128>;
using Row = ctgrad::Tensor<128>;
constexpr double bytes = 2048 * 128 * 4;

constexpr auto softmax_of = [](auto x) { return softmax(x); };
constexpr auto log_softmax_of = [](auto x) { return log_softmax(x); };
constexpr auto layer_norm_of = [](auto x, auto scale, auto shift) { return layer_norm(x, scale, shift); };
constexpr auto sum_of = [](auto x) { return ctgrad::sum<-1>(x); };
constexpr auto layer_norm_gradients = ctgrad::grad<0, 1, 2>(
    [](auto x, auto scale, auto shift) { return sum(square(layer_norm(x, scale, shift))); });

}  // namespace

void bench::add_row_kernels() {
  add_program<softmax_of, Rows>("softmax/2048x128", {.bytes = 2 * bytes});
  add_program<log_softmax_of, Rows>("log_softmax/2048x128", {.bytes = 2 * bytes});
  add_program<layer_norm_of, Rows, Row, Row>("layer_norm/2048x128", {.bytes = 2 * bytes});
  add_program<layer_norm_gradients, Rows, Row, Row>("layer_norm_gradients/2048x128", {.bytes = 2 * bytes});
  add_program<sum_of, Rows>("sum_of_rows/2048x128", {.bytes = bytes});
}
