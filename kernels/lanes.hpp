#pragma once

#include <ctgrad/base/shape.hpp>

#include <cstddef>
#include <cstring>
#include <utility>

/// In front of a loop whose turns touch no common memory, whatever its pointers look like.
#if defined(__clang__)
#define CTGRAD_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define CTGRAD_INDEPENDENT _Pragma("GCC ivdep")
#else
#define CTGRAD_INDEPENDENT
#endif

/// For functions that many kernels share: compiled once, called from each.
#if defined(__GNUC__)
#define CTGRAD_NOINLINE __attribute__((noinline))
#else
#define CTGRAD_NOINLINE
#endif

/// For functions that are seldom called and change nothing: what was computed before need not be computed
/// again.
#if defined(__GNUC__)
#define CTGRAD_RARE __attribute__((noinline, cold, pure, nothrow))
#else
#define CTGRAD_RARE
#endif

/// A few numbers side by side that the compiler keeps in one vector register.
namespace ctgrad::kernels {

/// The bytes of the vectors that the processor compiled for has.
#if defined(__AVX__)
inline constexpr Size vector_bytes = 32;
#else
inline constexpr Size vector_bytes = 16;
#endif

/// Asks for a cache line that will be needed soon, which may lie anywhere.
template <class T>
void prefetch([[maybe_unused]] const T* line) {
#if defined(__GNUC__)
  __builtin_prefetch(line);
#endif
}

/// The lanes of the largest vector that divides `Columns`.
template <class T, Size Columns>
inline constexpr Size lane_count = [] {
  Size lanes = vector_bytes / static_cast<Size>(sizeof(T));
  while (Columns % lanes != 0) lanes /= 2;
  return lanes;
}();

#if defined(__GNUC__)

/// `Count` numbers side by side, as one of the vector types that g++ and clang share.
template <class T, Size Count>
struct Lanes {
  using Vector __attribute__((vector_size(static_cast<std::size_t>(Count) * sizeof(T)))) = T;
  Vector values;

  static Lanes load(const T* from) {
    Lanes lanes;
    std::memcpy(&lanes.values, from, sizeof(Vector));
    return lanes;
  }
  void store(T* to) const { std::memcpy(to, &values, sizeof(Vector)); }
  void add_product(T factor, const Lanes& other) { values += factor * other.values; }
  /// The larger ones of each two; where one is NaN, that of `other`.
  void keep_larger(const Lanes& other) { values = values > other.values ? values : other.values; }

  /// a0 b0 a1 b1 ... of the first halves of a and b, or of their second ones.
  template <bool Second>
  static Lanes interleave(const Lanes& a, const Lanes& b) {
    return [&]<int... I>(std::integer_sequence<int, I...>) {
      constexpr int first = Second ? static_cast<int>(Count) / 2 : 0;
      return Lanes{__builtin_shufflevector(a.values, b.values,
                                           (first + I / 2 + (I % 2 == 0 ? 0 : static_cast<int>(Count)))...)};
    }(std::make_integer_sequence<int, static_cast<int>(Count)>{});
  }
};

#else

/// `Count` numbers side by side, for compilers without those vector types.
template <class T, Size Count>
struct Lanes {
  T values[static_cast<std::size_t>(Count)];

  static Lanes load(const T* from) {
    Lanes lanes;
    std::memcpy(lanes.values, from, sizeof lanes.values);
    return lanes;
  }
  void store(T* to) const { std::memcpy(to, values, sizeof values); }
  void add_product(T factor, const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] += factor * other.values[i];
  }
  void keep_larger(const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] = values[i] > other.values[i] ? values[i] : other.values[i];
  }

  template <bool Second>
  static Lanes interleave(const Lanes& a, const Lanes& b) {
    Lanes lanes;
    for (Size i = 0; i < Count; ++i)
      lanes.values[i] = (i % 2 == 0 ? a : b).values[(Second ? Count / 2 : 0) + i / 2];
    return lanes;
  }
};

#endif

}  // namespace ctgrad::kernels
