#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <utility>

/// How many floating-point operations a second this processor's core can do at most.
namespace ctgrad {

/// The bytes of the widest vectors that the compiler was told the processor has (-march).
#if defined(__AVX512F__)
inline constexpr std::size_t widest_vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t widest_vector_bytes = 32;
#else
inline constexpr std::size_t widest_vector_bytes = 16;
#endif

namespace peak {

#if defined(__GNUC__)
template <class Scalar>
using Vector __attribute__((vector_size(widest_vector_bytes))) = Scalar;
template <class Scalar>
inline constexpr std::size_t lanes = widest_vector_bytes / sizeof(Scalar);
#else
template <class Scalar>
using Vector = Scalar;
template <class Scalar>
inline constexpr std::size_t lanes = 1;
#endif

/// x = x a + b, two floating-point operations a lane, one instruction where the processor has one.
template <class Scalar>
inline void multiply_add(Vector<Scalar>& x, const Vector<Scalar>& a, const Vector<Scalar>& b) {
#if defined(__x86_64__) && defined(__FMA__) && defined(__GNUC__)
  // In assembly, that no option and no insight of the compiler's makes it anything else.
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    asm volatile("vfmadd213ps %2, %1, %0" : "+v"(x) : "v"(a), "v"(b));
  } else {
    asm volatile("vfmadd213pd %2, %1, %0" : "+v"(x) : "v"(a), "v"(b));
  }
#else
  x = x * a + b;
#endif
}

/// Independent chains of multiplications and additions: enough that two units whose results take 4 or 5
/// cycles never wait, few enough for 16 registers.
inline constexpr std::size_t chains = 12;

/// So many turns of one multiply_add a chain; gives what the chains end with, which depends on all of them.
template <class Scalar, std::size_t... I>
Scalar run_chains(std::size_t turns, std::index_sequence<I...>) {
  const Vector<Scalar> half = Vector<Scalar>{} + Scalar{0.5};  // x = x / 2 + 1 / 2 tends to 1
  Vector<Scalar> x[] = {Vector<Scalar>{} + static_cast<Scalar>(I)...};
  for (std::size_t turn = 0; turn < turns; ++turn) (multiply_add<Scalar>(x[I], half, half), ...);
  Vector<Scalar> sum{};
  ((sum += x[I]), ...);
  Scalar first{};
  std::memcpy(&first, &sum, sizeof first);
  return first;
}

/// The quickest of many short loops, which takes about 50 ms: the processor is awake behind the first ones,
/// and some run without being interrupted.
template <class Scalar>
double measure() {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t turns = 4000;
  constexpr double flops = 2.0 * static_cast<double>(chains * lanes<Scalar> * turns);
  const Clock::time_point begin = Clock::now();
  double most = 0;
  [[maybe_unused]] volatile Scalar kept = 0;  // or the loops could be left out
  for (Clock::time_point now = begin; now - begin < std::chrono::milliseconds(50);) {
    kept = run_chains<Scalar>(turns, std::make_index_sequence<chains>{});
    const Clock::time_point end = Clock::now();
    most = std::max(most, flops / std::chrono::duration<double>(end - now).count());
    now = end;
  }
  return most;
}

}  // namespace peak

/// The floating-point operations a second of one core at its best: multiplications with additions at the
/// widest vectors that the program was compiled for, in registers alone. Measured by the first call, in 50
/// ms; compiled without optimisation it is far too low.
template <class Scalar>
double peak_flops() {
  static const double measured = peak::measure<Scalar>();
  return measured;
}

}  // namespace ctgrad
