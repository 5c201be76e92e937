#pragma once

#include <ctgrad/base/shape.hpp>

/// The parts of a kernel call that threads share, each of which computes elements of its own.
namespace ctgrad::kernels {

/// Part `number` of `count`, in one of the stages of a call: each thread waits for all others between these.
struct CallPart {
  Size number = 0;
  Size count = 1;
  Size stage = 0;

  /// It has the units [begin, end) of so many.
  constexpr Size begin(Size units) const { return units * number / count; }
  constexpr Size end(Size units) const { return units * (number + 1) / count; }
};

/// All of a call that is not shared, as the compiler knows then.
struct WholeCall {
  static constexpr Size begin(Size) { return 0; }
  static constexpr Size end(Size units) { return units; }
  constexpr operator CallPart() const { return {}; }
};

}  // namespace ctgrad::kernels
