#pragma once

#include <ctgrad/plan/memory.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace ctgrad::runtime {

/// One of the handles of zeroed memory that begins at a cache line: the last one frees it. Handles may be
/// copied and dropped in any thread. A handle that was moved from, or made without a size, holds nothing.
class SharedArena {
 public:
  SharedArena() = default;
  explicit SharedArena(std::size_t bytes) {
    auto* begin = static_cast<std::byte*>(::operator new[](line + bytes, alignment));
    new (begin) Count(1);
    memory_ = begin + line;
    std::memset(memory_, 0, bytes);
  }

  SharedArena(const SharedArena& other) noexcept : memory_(other.memory_) {
    if (memory_ != nullptr) count().fetch_add(1, std::memory_order_relaxed);
  }
  SharedArena(SharedArena&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
  SharedArena& operator=(SharedArena other) noexcept {
    std::swap(memory_, other.memory_);
    return *this;
  }
  ~SharedArena() {
    if (memory_ == nullptr || count().fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    count().~Count();
    ::operator delete[](memory_ - line, alignment);
  }

  /// Null if it holds nothing.
  std::byte* data() const { return memory_; }

  /// Whether this is the only handle: what others did with the memory before they dropped theirs is then
  /// done.
  bool is_unique() const { return count().load(std::memory_order_acquire) == 1; }

 private:
  using Count = std::atomic<std::size_t>;  ///< of handles; it lies in the line before the memory
  static constexpr auto line = static_cast<std::size_t>(plan::alignment);
  static constexpr std::align_val_t alignment{line};

  Count& count() const { return *std::launder(reinterpret_cast<Count*>(memory_ - line)); }

  std::byte* memory_ = nullptr;
};

}  // namespace ctgrad::runtime
