// expect: count_hits: logits and targets lie in memory; xt::eval gives memory to an expression
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train/metrics.hpp>

ctgrad::Hits hits(const xt::xtensor<float, 2>& logits, const xt::xtensor<std::int32_t, 1>& targets) {
#ifdef CTGRAD_CONTROL
  return ctgrad::count_hits(xt::eval(2.0F * logits), targets);
#else
  return ctgrad::count_hits(2.0F * logits, targets);
#endif
}
