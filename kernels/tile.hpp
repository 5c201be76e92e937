#pragma once

#include <ctgrad/kernels/lanes.hpp>

/// The innermost part of matrix products: a tile of C that stays in registers. Every element is one chain of
/// fused products and sums in the order of the inner axis, so it has the same bits whatever the tile, the
/// blocking and the width of the vectors. Source of the tiling: Goto and van de Geijn, "Anatomy of
/// high-performance matrix multiplication", 2008.
namespace ctgrad::kernels {

/// What a tile is compiled for; the rest it is told when it runs, so that shapes share tiles.
struct TileKind {
  Size rows = 0;
  Size vectors = 0;
  Size lanes = 0;            ///< of a vector
  Size a_row = 0;            ///< between rows of A; where it is not 1, the inner axis is the dense one
  bool accumulates = false;  ///< the chains begin with C, not with 0
  bool prefetches = false;   ///< memory that is wanted next is asked for, as TileTask says
  bool adds = false;  ///< C is added to the chains at their end: a long sum becomes one of shorter sums
};

/// Lines of memory that will be wanted, `rows` of them, `stride` elements apart, each as wide as a tile.
template <class T>
struct WantedRows {
  const T* first = nullptr;
  Size rows = 0;
  Size stride = 0;
};

template <class T>
struct TileTask {
  Size inner;    ///< the products of each chain
  Size a_inner;  ///< between elements of A along the inner axis, where a_row is 1
  Size b_inner;  ///< between rows of B
  Size c_row;    ///< between rows of C
  WantedRows<T> next_c = {};
  WantedRows<T> next_b = {};  ///< of B, or of A
};

/// The turns of the inner axis after which a tile asks for another row of what is wanted next.
inline constexpr Size turns_between_requests = 2;

/// The accumulators, a row of B and an element of A fill the registers.
constexpr Size most_rows(Size vectors) {
  return std::max((vector_registers - 1 - vectors) / vectors, Size{1});
}

/// Keeps g++ from folding the load of a vector into each of the instructions that use it, where these are so
/// few that loads would be what they wait for.
#if defined(__GNUC__) && !defined(__clang__) && defined(__AVX512F__)
#define CTGRAD_IN_REGISTER(vector) asm("" : "+v"(vector))
#elif defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define CTGRAD_IN_REGISTER(vector) asm("" : "+x"(vector))
#else
#define CTGRAD_IN_REGISTER(vector)
#endif

/// The accumulators of a tile.
template <TileKind Kind, class T>
struct TileSums {
  using Vector = Lanes<T, Kind.lanes>;
  Vector sums[static_cast<std::size_t>(Kind.rows)][static_cast<std::size_t>(Kind.vectors)];

  CTGRAD_INLINE void begin([[maybe_unused]] const T* c, [[maybe_unused]] Size c_row) {
    CTGRAD_UNROLL
    for (Size i = 0; i < Kind.rows; ++i) {
      CTGRAD_UNROLL
      for (Size j = 0; j < Kind.vectors; ++j) {
        if constexpr (Kind.accumulates) {
          sums[i][j] = Vector::load(c + i * c_row + j * Kind.lanes);
        } else {
          sums[i][j] = Vector::filled(0);
        }
      }
    }
  }

  /// One turn of the inner axis: a row of B times an element of every row of A.
  CTGRAD_INLINE void add(const T* a, const T* b) {
    Vector right[static_cast<std::size_t>(Kind.vectors)];
    CTGRAD_UNROLL
    for (Size j = 0; j < Kind.vectors; ++j) {
      right[j] = Vector::load(b + j * Kind.lanes);
      if constexpr (Kind.rows <= 4 && sizeof(Vector) >= 16) CTGRAD_IN_REGISTER(right[j].values);
    }
    CTGRAD_UNROLL
    for (Size i = 0; i < Kind.rows; ++i) {
      const T left = a[i * Kind.a_row];
      CTGRAD_UNROLL
      for (Size j = 0; j < Kind.vectors; ++j) sums[i][j].add_product(left, right[j]);
    }
  }

  CTGRAD_INLINE void store(T* c, Size c_row) const {
    CTGRAD_UNROLL
    for (Size i = 0; i < Kind.rows; ++i) {
      CTGRAD_UNROLL
      for (Size j = 0; j < Kind.vectors; ++j) {
        T* to = c + i * c_row + j * Kind.lanes;
        Vector sum = sums[i][j];
        if constexpr (Kind.adds) sum.add(Vector::load(to));
        sum.store(to);
      }
    }
  }
};

/// C [rows, columns] (+)= A [rows, inner] B [inner, columns] with all of C in registers.
template <TileKind Kind, class T>
CTGRAD_NOINLINE void matmul_tile(T* __restrict c, const T* __restrict a, const T* __restrict b,
                                 const TileTask<T>& task) {
  const Size inner = task.inner;
  const Size a_inner = Kind.a_row == 1 ? task.a_inner : 1;
  const Size b_inner = task.b_inner;
  TileSums<Kind, T> sums;
  sums.begin(c, task.c_row);
  Size k = 0;
  const auto add = [&]() __attribute__((always_inline)) {
    sums.add(a, b);
    a += a_inner;
    b += b_inner;
  };
  if constexpr (Kind.prefetches) {
    // Spread over the turns: all at once they would wait for each other.
    constexpr Size turns = turns_between_requests;
    constexpr Size line = 64 / static_cast<Size>(sizeof(T));
    // Read where they lie: a copy would be loads wider than the stores before them, which wait until those of
    // C have reached the cache.
    for (const WantedRows<T>* wanted : {&task.next_c, &task.next_b}) {
      const T* row = wanted->first;
      const Size rows = wanted->rows;
      const Size stride = wanted->stride;
      for (Size i = 0; i < rows && k + turns <= inner; ++i, k += turns, row += stride) {
        CTGRAD_UNROLL
        for (Size j = 0; j < Kind.vectors * Kind.lanes; j += line) prefetch(row + j);
        CTGRAD_ROLLED
        for (Size turn = 0; turn < turns; ++turn) add();
      }
    }
  }
  CTGRAD_ROLLED
  for (; k < inner; ++k) add();
  sums.store(c, task.c_row);
}

}  // namespace ctgrad::kernels
