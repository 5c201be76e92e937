#pragma once

#include <ctime>

/// How fast this core can compute at all: products and sums in registers, nothing else.
namespace bench {

/// The bits of the widest vectors that this program's kernels are compiled for, and how many independent
/// chains keep the processor's pipes full: 4 cycles of latency times 2 pipes, 4 of them on large ARM cores,
/// and some more.
#if defined(CTGRAD_VECTOR_BYTES)
inline constexpr int vector_bits = 8 * CTGRAD_VECTOR_BYTES;
inline constexpr int chains = 12;
#elif defined(__AVX512F__)
inline constexpr int vector_bits = 512;
inline constexpr int chains = 12;
#elif defined(__AVX__)
inline constexpr int vector_bits = 256;
inline constexpr int chains = 12;
#elif defined(__x86_64__)
inline constexpr int vector_bits = 128;
inline constexpr int chains = 12;
#else
inline constexpr int vector_bits = 128;
inline constexpr int chains = 16;
#endif

/// The seconds that the processor has spent on this thread: what else the machine does is not counted.
inline double cpu_seconds() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The numbers of one vector.
using PeakVector __attribute__((vector_size(vector_bits / 8))) = float;

/// Runs all chains for so many turns; gives a number, so that they are needed.
#if defined(__FMA__) && defined(__x86_64__)
// By hand, since compilers make something else of a loop that computes nothing. Each chain has a name of its
// own: of an array g++ 12 would store every element behind every turn.
[[gnu::noinline]] inline float run_chains(long turns) {
  const PeakVector factor = PeakVector{} + 1e-9F, term = factor;
  PeakVector a = PeakVector{} + .1F, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a,
             l = a;
  for (long turn = 0; turn < turns; ++turn) {
    asm volatile(
        "vfmadd231ps %12, %13, %0\n\t"
        "vfmadd231ps %12, %13, %1\n\t"
        "vfmadd231ps %12, %13, %2\n\t"
        "vfmadd231ps %12, %13, %3\n\t"
        "vfmadd231ps %12, %13, %4\n\t"
        "vfmadd231ps %12, %13, %5\n\t"
        "vfmadd231ps %12, %13, %6\n\t"
        "vfmadd231ps %12, %13, %7\n\t"
        "vfmadd231ps %12, %13, %8\n\t"
        "vfmadd231ps %12, %13, %9\n\t"
        "vfmadd231ps %12, %13, %10\n\t"
        "vfmadd231ps %12, %13, %11\n\t"
        : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f), "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k),
          "+v"(l)
        : "v"(factor), "v"(term));
  }
  return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
}
#else
// A product and a sum, or both in one where the processor has that. Each chain begins elsewhere, or one would
// do for all.
[[gnu::noinline]] inline float run_chains(long turns) {
  asm volatile("" : "+r"(turns));  // so that no compiler moves the call away from the clock
  const PeakVector factor = PeakVector{} + .999F, term = PeakVector{} + .001F;
  PeakVector sums[chains];
  for (int chain = 0; chain < chains; ++chain) sums[chain] = PeakVector{} + static_cast<float>(chain);
  for (long turn = 0; turn < turns; ++turn) {
    for (int chain = 0; chain < chains; ++chain) sums[chain] = sums[chain] * factor + term;
  }
  PeakVector total{};
  for (const PeakVector& sum : sums) total += sum;
  return total[0];
}
#endif

/// The floating-point operations a second of some 50 microseconds at the peak.
inline double sample_peak() {
  constexpr long turns = 20000;
  [[maybe_unused]] static volatile float needed;
  const double begin = cpu_seconds();
  needed = run_chains(turns);
  return 2.0 * chains * turns * (vector_bits / 32.0) / (cpu_seconds() - begin);
}

}  // namespace bench
