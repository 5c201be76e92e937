#pragma once

#include <support/random_graph/pool.hpp>

/// Rules that apply elementwise operations. A rule draws operands from the pool, applies its operation and
/// says how large the result may be; absent where no value fits.
namespace ctgrad::test {

using Rule = Entry (*)(Pool&);

/// f(x) within [-x.bound, x.bound].
template <class Op>
constexpr Entry no_larger(Pool& pool) {
  const Entry x = pool.real();
  return {emit<Op>(x.value), x.bound};
}

/// f(x) within [-2, 2].
template <class Op>
constexpr Entry squashed(Pool& pool) {
  return {emit<Op>(pool.real().value), 2};
}

/// f(x) for x of at least 0.36, no larger than x or 2.
template <class Op>
constexpr Entry of_positive(Pool& pool) {
  const Entry x = pool.positive(pool.real());
  return {emit<Op>(x.value), std::max(2.0, x.bound)};
}

/// Where a and b are no larger than x and y, the result is no larger than bound(x, y).
template <class Op, auto Bound>
constexpr Entry of_two(Pool& pool) {
  Entry x = pool.real();
  Entry y = pool.partner(x);
  if (y.absent()) return {};
  if (pool.one_in(2)) std::swap(x, y);
  return {ops::emit_broadcast<Op>(x.value, y.value), Bound(x.bound, y.bound)};
}

template <class Op>
constexpr Entry compared(Pool& pool) {
  const Kind kind = pool.one_in(3) ? Kind::index : Kind::real;
  const Entry x = pool.find(kind, [](const Entry&) { return true; });
  if (x.absent()) return {};
  const auto pairs = [&](const Entry& y) { return pool.fits_broadcast(x.shape(), y.shape()); };
  const Entry y = kind == Kind::real ? pool.partner(x) : pool.find(kind, pairs);
  return y.absent() ? Entry{} : Entry{ops::emit_broadcast<Op>(x.value, y.value)};
}

template <class Op>
constexpr Entry of_masks(Pool& pool) {
  const Entry x = pool.mask(pool.real().shape());
  return {ops::emit_broadcast<Op>(x.value, pool.mask(x.shape()).value)};
}

namespace rules {

constexpr Entry exponential(Pool& pool) {
  const Entry x = pool.real();
  return {x.bound <= 2 ? exp(x.value) : exp(x.value * (2 / x.bound)), 7.4};
}

constexpr Entry exponential_less_1(Pool& pool) {
  const Entry x = pool.real();
  return {x.bound <= 2 ? expm1(x.value) : expm1(x.value * (2 / x.bound)), 6.4};
}

/// sinh(x) or cosh(x) of x within [-2, 2].
template <class Op>
constexpr Entry hyperbolic(Pool& pool) {
  const Entry x = pool.real();
  return {emit<Op>(x.bound <= 2 ? x.value : x.value * (2 / x.bound)), 3.8};
}

/// Of numbers within [-0.7, 0.7].
template <class Op>
constexpr Entry of_sine(Pool& pool) {
  return {emit<Op>(0.7 * sin(pool.real().value)), 2.4};
}

/// Of points to the right of the origin or above it.
constexpr Entry angle(Pool& pool) {
  const Entry x = pool.real();
  const Entry y = pool.partner(x);
  if (y.absent()) return {};
  const Value positive = pool.positive(y).value;
  return {pool.one_in(2) ? atan2(x.value, positive) : atan2(positive, x.value), 3.2};
}

/// A power within [-1.5, 1.5] of a number within [0.5, 1.5].
constexpr Entry power_of_both(Pool& pool) {
  const Entry x = pool.real();
  const Entry y = pool.partner(x);
  if (y.absent()) return {};
  return {pow(sigmoid(x.value) + 0.5, 1.5 * tanh(y.value)), 2.9};
}

constexpr Entry softened(Pool& pool) {
  const Entry x = pool.real();
  return {softplus(x.value), x.bound + 0.7};
}

constexpr Entry squared(Pool& pool) {
  const Entry x = pool.real();
  return {square(x.value), x.bound * x.bound};
}

constexpr Entry divided(Pool& pool) {
  const Entry x = pool.real();
  const Entry y = pool.partner(x);
  if (y.absent()) return {};
  return {x.value / pool.positive(y).value, 3 * x.bound};
}

/// Whole powers of anything, others of positive numbers.
constexpr Entry power(Pool& pool) {
  constexpr double powers[] = {0, 1, 2, 3, -2, -0.5, 0.5, 2.5};
  const int chosen = pool.below(8);
  Entry x = pool.real();
  if (chosen >= 4) x = pool.positive(x);
  const double larger = std::max(x.bound, 2.0);
  return {pow(x.value, powers[chosen]), chosen < 4 ? larger * larger * larger : larger * larger * larger * 8};
}

constexpr Entry negated_mask(Pool& pool) { return {logical_not(pool.mask(pool.real().shape()).value)}; }

constexpr Entry selected(Pool& pool) {
  const Entry x = pool.real();
  const Entry y = pool.partner(x);
  if (y.absent()) return {};
  const Shape shape = broadcast_shape(x.shape(), y.shape());
  return {ops::select(pool.mask(shape).value, x.value, y.value), std::max(x.bound, y.bound)};
}

constexpr Entry as_real_numbers(Pool& pool) {
  const Kind kind = pool.one_in(2) ? Kind::index : Kind::mask;
  const Entry x = pool.find(kind, [](const Entry&) { return true; });
  return x.absent() ? x : Entry{as_real(x.value), x.bound};
}

constexpr Entry copied(Pool& pool) {
  const Entry x = pool.any([](const Entry&) { return true; });
  return x.absent() ? x : Entry{emit<ops::Copy>(x.value), x.bound};
}

constexpr Entry computed_again(Pool& pool) {
  const Entry x = pool.real();
  return {ops::recompute(x.value), x.bound};
}

/// A recomputed function of two values, at times with another one inside.
constexpr Entry recomputed(Pool& pool) {
  const Entry x = pool.real();
  const Entry y = pool.partner(x);
  if (y.absent()) return {};
  const Value a = emit<ops::RecomputeBegin>(x.value);
  const Value b = emit<ops::RecomputeBegin>(y.value);
  Value inside = tanh(a * b);
  if (pool.one_in(2)) inside = emit<ops::RecomputeEnd>(square(emit<ops::RecomputeBegin>(inside)) - a);
  return {emit<ops::RecomputeEnd>(inside * sigmoid(a)), 1 + x.bound};
}

constexpr double sum_of(double a, double b) { return a + b; }
constexpr double product_of(double a, double b) { return a * b; }
constexpr double larger_of(double a, double b) { return std::max(a, b); }

}  // namespace rules

/// Select and as_real stand twice: without them no mask reaches an output.
inline constexpr Rule elementwise_rules[] = {
    of_two<ops::Add, rules::sum_of>,
    of_two<ops::Sub, rules::sum_of>,
    of_two<ops::Mul, rules::product_of>,
    of_two<ops::MulNoNan, rules::product_of>,
    of_two<ops::Maximum, rules::larger_of>,
    of_two<ops::Minimum, rules::larger_of>,
    rules::divided,
    no_larger<ops::Neg>,
    rules::exponential,
    rules::exponential_less_1,
    of_positive<ops::Log>,
    of_positive<ops::Log1p>,
    of_positive<ops::Log1mexp>,
    of_positive<ops::Sqrt>,
    of_positive<ops::Rsqrt>,
    rules::squared,
    no_larger<ops::Abs>,
    squashed<ops::Sin>,
    squashed<ops::Cos>,
    squashed<ops::Atan>,
    rules::of_sine<ops::Asin>,
    rules::of_sine<ops::Acos>,
    rules::angle,
    rules::hyperbolic<ops::Sinh>,
    rules::hyperbolic<ops::Cosh>,
    squashed<ops::Tanh>,
    squashed<ops::Sigmoid>,
    squashed<ops::Erf>,
    squashed<ops::Erfc>,
    rules::power,
    rules::power_of_both,
    no_larger<ops::Relu>,
    no_larger<ops::Gelu>,
    no_larger<ops::GeluTanh>,
    no_larger<ops::Silu>,
    rules::softened,
    compared<ops::Less>,
    compared<ops::LessEqual>,
    compared<ops::Equal>,
    of_masks<ops::LogicalAnd>,
    of_masks<ops::LogicalOr>,
    rules::negated_mask,
    rules::selected,
    rules::selected,
    rules::as_real_numbers,
    rules::as_real_numbers,
    rules::copied,
    no_larger<ops::StopGradient>,
    rules::computed_again,
    rules::recomputed,
};

}  // namespace ctgrad::test
