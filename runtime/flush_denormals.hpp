#pragma once

#if !defined(__SSE__) && !defined(_M_X64)
#error "FlushDenormals: only x86 processors have the register that it sets"
#endif

#include <xmmintrin.h>

/// Denormals (numbers below the smallest normal one, 1.2e-38 in float) cost some processors a hundred cycles
/// each.
namespace ctgrad {

/// While it lives, this thread's vector arithmetic takes denormals for 0, as operands (DAZ) and as results
/// (FTZ); its end brings back what was set before. Nothing else in ctgrad changes the processor's mode, and
/// other threads keep theirs: a thread that trains makes its own guard, around whole runs of programs.
/// Gradual underflow is lost meanwhile: a - b may be 0 where a and b differ. x86 only: elsewhere the header
/// does not compile. Source: Intel 64 and IA-32 manual, volume 1, 10.2.3.
class [[nodiscard]] FlushDenormals {
 public:
  FlushDenormals() : before_(_mm_getcsr() & mask) { _mm_setcsr(_mm_getcsr() | mask); }
  ~FlushDenormals() { _mm_setcsr((_mm_getcsr() & ~mask) | before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  static constexpr unsigned flush_to_zero = 0x8000;
  static constexpr unsigned denormals_are_zero = 0x0040;
  static constexpr unsigned mask = flush_to_zero | denormals_are_zero;

  unsigned before_;
};

}  // namespace ctgrad
