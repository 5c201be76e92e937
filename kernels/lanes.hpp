#pragma once

#include <ctgrad/base/shape.hpp>
#include <ctgrad/kernels/fused.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

/// In front of a loop whose turns touch no common memory, whatever its pointers look like. clang would write
/// out a short one first, and then make no vectors of it.
#if defined(__clang__)
#define CTGRAD_INDEPENDENT _Pragma("clang loop vectorize(assume_safety) unroll(disable)")
#elif defined(__GNUC__)
#define CTGRAD_INDEPENDENT _Pragma("GCC ivdep")
#else
#define CTGRAD_INDEPENDENT
#endif

/// In front of a loop over registers, which must be written out; and in front of one which must not.
#if defined(__clang__)
#define CTGRAD_UNROLL _Pragma("clang loop unroll(full)")
#define CTGRAD_ROLLED _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__)
#define CTGRAD_UNROLL _Pragma("GCC unroll 64")
#define CTGRAD_ROLLED _Pragma("GCC unroll 1")
#else
#define CTGRAD_UNROLL
#define CTGRAD_ROLLED
#endif

/// For functions that many kernels share: compiled once, called from each. And for those that must not be
/// called, since loops over them are to become vector code; behind a lambda's parameters, the bare attribute.
#if defined(__clang__)
#define CTGRAD_NOINLINE __attribute__((noinline))
#define CTGRAD_INLINED __attribute__((always_inline))
#elif defined(__GNUC__)
#define CTGRAD_NOINLINE __attribute__((noinline, noclone))
#define CTGRAD_INLINED __attribute__((always_inline))
#else
#define CTGRAD_NOINLINE
#define CTGRAD_INLINED
#endif
#define CTGRAD_INLINE CTGRAD_INLINED inline

/// For functions that are seldom called and change nothing: what was computed before need not be computed
/// again.
#if defined(__GNUC__)
#define CTGRAD_RARE __attribute__((noinline, cold, pure, nothrow))
#else
#define CTGRAD_RARE
#endif

/// A few numbers side by side that the compiler keeps in one vector register.
namespace ctgrad::kernels {

/// The bytes of the vectors that the processor compiled for has. CTGRAD_VECTOR_BYTES, 16 or 32, asks for
/// shorter ones: for tests and measurements.
#if defined(CTGRAD_VECTOR_BYTES)
inline constexpr Size vector_bytes = CTGRAD_VECTOR_BYTES;
#elif defined(__AVX512F__)
inline constexpr Size vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr Size vector_bytes = 32;
#else
inline constexpr Size vector_bytes = 16;
#endif

/// How many registers it has for them.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr Size vector_registers = 32;
#else
inline constexpr Size vector_registers = 16;
#endif

/// The numbers in one of these vectors.
template <class T>
inline constexpr Size lanes_of = vector_bytes / static_cast<Size>(sizeof(T));

/// Asks for a cache line that will be needed soon, which may lie anywhere.
template <class T>
void prefetch([[maybe_unused]] const T* line) {
#if defined(__GNUC__)
  __builtin_prefetch(line);
#endif
}

#if defined(__GNUC__)

/// `Count` numbers as one of the vector types that g++ and clang share.
template <class T, Size Count>
struct VectorOf {
  using Type __attribute__((vector_size(static_cast<std::size_t>(Count) * sizeof(T)))) = T;
  /// The same anywhere in memory, whatever is stored there. What std::memcpy copies g++ keeps on the stack:
  /// the sums of a tile went there and back before and after its loop.
  using InMemory __attribute__((vector_size(static_cast<std::size_t>(Count) * sizeof(T)), aligned(alignof(T)),
                                may_alias)) = T;

  CTGRAD_INLINE static Type load(const void* from) { return *static_cast<const InMemory*>(from); }
  CTGRAD_INLINE static void store(void* to, Type numbers) { *static_cast<InMemory*>(to) = numbers; }
};

/// a b + c in every lane, rounded once.
template <class T, Size Count, class Vector = typename VectorOf<T, Count>::Type>
CTGRAD_INLINE Vector fused_lanes(Vector a, Vector b, Vector c) {
#if defined(__clang__)
#pragma clang fp contract(fast)
  return a * b + c;
#else
  [[maybe_unused]] constexpr bool single = std::is_same_v<T, float>;
  [[maybe_unused]] constexpr std::size_t bytes = sizeof(Vector);
#if defined(__AVX512F__)
  if constexpr (bytes == 64 && single) return __builtin_ia32_vfmaddps512_mask(a, b, c, -1, 4);
  if constexpr (bytes == 64 && !single) return __builtin_ia32_vfmaddpd512_mask(a, b, c, 0xff, 4);
#endif
#if defined(__FMA__)
  if constexpr (bytes == 32 && single) return __builtin_ia32_vfmaddps256(a, b, c);
  if constexpr (bytes == 32 && !single) return __builtin_ia32_vfmaddpd256(a, b, c);
  if constexpr (bytes == 16 && single) return __builtin_ia32_vfmaddps(a, b, c);
  if constexpr (bytes == 16 && !single) return __builtin_ia32_vfmaddpd(a, b, c);
#elif defined(__aarch64__)
  if constexpr (bytes == 16 && single) return __builtin_aarch64_fmav4sf(a, b, c);
  if constexpr (bytes == 16 && !single) return __builtin_aarch64_fmav2df(a, b, c);
#endif
  if constexpr (has_fused) {
    Vector result;
    for (Size i = 0; i < Count; ++i) result[i] = fused(a[i], b[i], c[i]);
    return result;
  } else {
    return a * b + c;
  }
#endif
}

/// `Count` numbers side by side.
template <class T, Size Count>
struct Lanes {
  using Vector = typename VectorOf<T, Count>::Type;
  Vector values;

  CTGRAD_INLINE static Lanes load(const T* from) { return {VectorOf<T, Count>::load(from)}; }
  /// `number` in every lane: less 0, since a sum with 0 would turn -0 into 0, and take an instruction.
  CTGRAD_INLINE static Lanes filled(T number) { return {number - Vector{}}; }
  CTGRAD_INLINE void store(T* to) const { VectorOf<T, Count>::store(to, values); }
  CTGRAD_INLINE void add_product(T factor, const Lanes& other) {
    values = fused_lanes<T, Count>(filled(factor).values, other.values, values);
  }
  CTGRAD_INLINE void add_product(const Lanes& factor, const Lanes& other) {
    values = fused_lanes<T, Count>(factor.values, other.values, values);
  }
  CTGRAD_INLINE void add(const Lanes& other) { values += other.values; }
  CTGRAD_INLINE void subtract(const Lanes& other) { values -= other.values; }
  CTGRAD_INLINE void multiply(T factor) { values *= factor; }
  CTGRAD_INLINE void divide(T divisor) { values /= filled(divisor).values; }
  CTGRAD_INLINE void multiply(const Lanes& other) { values *= other.values; }
  /// 0 where the other is.
  CTGRAD_INLINE void clear_where_zero(const Lanes& other) {
    values = other.values == Vector{} ? Vector{} : values;
  }
  /// 0 where the numbers are this one.
  CTGRAD_INLINE void clear_where_equal(T number) {
    values = values == filled(number).values ? Vector{} : values;
  }
  /// The number where the other is not 0.
  CTGRAD_INLINE void fill_where(const Lanes& chosen, T number) {
    values = chosen.values == Vector{} ? values : filled(number).values;
  }
  /// The larger ones of each two; where one is NaN, that of `other`.
  CTGRAD_INLINE void keep_larger(const Lanes& other) {
    values = values > other.values ? values : other.values;
  }

  /// function(a, b) of each two, which takes vectors as it takes numbers.
  template <class Function>
  CTGRAD_INLINE void combine(Function function, const Lanes& other) {
    values = function(values, other.values);
  }
  /// The lanes from `Shift` on, and behind them those before it.
  template <Size Shift>
  CTGRAD_INLINE Lanes turned() const {
    return [this]<int... I>(std::integer_sequence<int, I...>) CTGRAD_INLINED {
      constexpr int shift = Shift, count = Count;
      return Lanes{__builtin_shufflevector(values, values, ((I + shift) % count)...)};
    }(std::make_integer_sequence<int, static_cast<int>(Count)>{});
  }
  /// The last `Some` of the `Count` numbers before `end` in the first lanes, and `fill` in the others.
  template <Size Some>
  CTGRAD_INLINE static Lanes load_last(const T* end, T fill) {
    return [&]<int... I>(std::integer_sequence<int, I...>) CTGRAD_INLINED {
      constexpr int some = Some, count = Count;
      return Lanes{__builtin_shufflevector(load(end - Count).values, filled(fill).values,
                                           (I < some ? count - some + I : count)...)};
    }(std::make_integer_sequence<int, static_cast<int>(Count)>{});
  }

  /// a0 b0 a1 b1 ... of the first halves of a and b, or of their second ones.
  template <bool Second>
  CTGRAD_INLINE static Lanes interleave(const Lanes& a, const Lanes& b) {
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
  static Lanes filled(T number) {
    Lanes lanes;
    std::fill(std::begin(lanes.values), std::end(lanes.values), number);
    return lanes;
  }
  void store(T* to) const { std::memcpy(to, values, sizeof values); }
  void add_product(T factor, const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] = fused(factor, other.values[i], values[i]);
  }
  void add_product(const Lanes& factor, const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] = fused(factor.values[i], other.values[i], values[i]);
  }
  void add(const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] += other.values[i];
  }
  void subtract(const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] -= other.values[i];
  }
  void multiply(T factor) {
    for (Size i = 0; i < Count; ++i) values[i] *= factor;
  }
  void divide(T divisor) {
    for (Size i = 0; i < Count; ++i) values[i] /= divisor;
  }
  void multiply(const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] *= other.values[i];
  }
  void clear_where_zero(const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] = other.values[i] == 0 ? T{0} : values[i];
  }
  void clear_where_equal(T number) {
    for (Size i = 0; i < Count; ++i) values[i] = values[i] == number ? T{0} : values[i];
  }
  void fill_where(const Lanes& chosen, T number) {
    for (Size i = 0; i < Count; ++i) values[i] = chosen.values[i] == 0 ? values[i] : number;
  }
  void keep_larger(const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] = values[i] > other.values[i] ? values[i] : other.values[i];
  }

  template <class Function>
  void combine(Function function, const Lanes& other) {
    for (Size i = 0; i < Count; ++i) values[i] = function(values[i], other.values[i]);
  }
  template <Size Shift>
  Lanes turned() const {
    Lanes lanes;
    for (Size i = 0; i < Count; ++i) lanes.values[i] = values[(i + Shift) % Count];
    return lanes;
  }
  template <Size Some>
  static Lanes load_last(const T* end, T fill) {
    Lanes lanes = filled(fill);
    std::copy(end - Some, end, lanes.values);
    return lanes;
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
