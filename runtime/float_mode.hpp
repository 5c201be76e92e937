#pragma once

#include <cstdint>

#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace ctgrad::runtime {

/// How a thread rounds and what it does with denormals: part of what results follow from. Where the processor
/// has no such register, or none known here, there is one mode.
class FloatMode {
 public:
  FloatMode() = default;

  static FloatMode of_this_thread() { return FloatMode(read()); }

  /// Gives this thread the mode.
  void take_on() const {
    if (read() != bits_) write(bits_);
  }

 private:
  explicit FloatMode(std::uint64_t bits) : bits_(bits) {}

#if defined(__SSE__) || defined(_M_X64)
  static constexpr unsigned flags = 0x3f;  // what happened so far
  static std::uint64_t read() { return _mm_getcsr() & ~flags; }
  static void write(std::uint64_t bits) { _mm_setcsr(static_cast<unsigned>(bits) | (_mm_getcsr() & flags)); }
#elif defined(__aarch64__) && defined(__GNUC__)
  static std::uint64_t read() {
    std::uint64_t bits = 0;
    asm volatile("mrs %0, fpcr" : "=r"(bits));
    return bits;
  }
  static void write(std::uint64_t bits) { asm volatile("msr fpcr, %0" : : "r"(bits)); }
#else
  static std::uint64_t read() { return 0; }
  static void write(std::uint64_t) {}
#endif

  std::uint64_t bits_ = 0;
};

}  // namespace ctgrad::runtime
