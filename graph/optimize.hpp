#pragma once

#include <cstdint>

/// Which passes work on a graph, and how its program stores what it keeps between kernel calls.
namespace ctgrad {

/// How a program stores numbers. Its arguments, its results and all arithmetic are of its scalar type either
/// way.
enum class Precision : std::uint8_t {
  full,   ///< all in the scalar type
  mixed,  ///< large activations and their cotangents as bf16: half of float's bytes, 8 significant bits
};

/// Every pass can be left out, to see what it does.
struct Optimize {
  bool simplify = true;              ///< algebra: x 1, x + 0, a scale of a scale, a transpose of a transpose
  bool fold = true;                  ///< constants of constants
  bool attention = true;             ///< scale, mask, softmax and matmul as one operation
  bool linear_cross_entropy = true;  ///< a linear layer and the cross-entropy of its result as one operation
  std::int64_t large_logits = 1 << 14;  ///< from that many logits on: more than a first-level cache holds
  bool elementwise = true;  ///< neighbours that work by elements or by rows become one kernel call
  bool epilogue = true;     ///< matrix products are finished by the elementwise call that uses them
  bool in_place = true;     ///< results take the memory of operands needed no more; products add to sums
  Precision precision = Precision::full;
};

inline constexpr Optimize no_passes{.simplify = false,
                                    .fold = false,
                                    .attention = false,
                                    .linear_cross_entropy = false,
                                    .elementwise = false,
                                    .epilogue = false,
                                    .in_place = false};

/// A function with a choice of passes: what `optimize` gives.
template <Optimize Passes, class F>
struct Optimized {
  F f;
  static constexpr Optimize passes = Passes;

  template <class... Arguments>
  constexpr auto operator()(const Arguments&... arguments) const {
    return f(arguments...);
  }
};

/// f, whose program is made by these passes: `Program<optimize<Optimize{.attention = false}>(f), ...>`. To be
/// said of the whole function; of a part it says nothing.
template <Optimize Passes, class F>
constexpr auto optimize(F f) {
  return Optimized<Passes, F>{f};
}

/// The passes that a function asks for: all, unless it says otherwise.
template <class F>
constexpr Optimize passes_of(const F&) {
  if constexpr (requires { F::passes; }) {
    return F::passes;
  } else {
    return Optimize{};
  }
}

/// f, whose program stores large activations and their cotangents as bf16, with the passes that f asks for.
/// To be said of the whole function; of a part it says nothing.
template <class F>
constexpr auto mixed(F f) {
  constexpr auto passes = [] {
    Optimize chosen;
    if constexpr (requires { F::passes; }) chosen = F::passes;
    chosen.precision = Precision::mixed;
    return chosen;
  }();
  return Optimized<passes, F>{f};
}

}  // namespace ctgrad
