#pragma once

#include <ctgrad/runtime/pages.hpp>

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
    std::byte* begin = allocate_pages(line + bytes);
    new (begin) Header{1, line + bytes};
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
    const std::size_t bytes = header().bytes;
    header().~Header();
    free_pages(memory_ - line, bytes);
  }

  /// Null if it holds nothing.
  std::byte* data() const { return memory_; }
  /// The bytes of the memory; it must hold some.
  std::size_t size() const { return header().bytes - line; }

  /// Whether this is the only handle: what others did with the memory before they dropped theirs is then
  /// done.
  bool is_unique() const { return count().load(std::memory_order_acquire) == 1; }

 private:
  /// Lies in the line before the memory.
  struct Header {
    std::atomic<std::size_t> handles;
    std::size_t bytes;  ///< of all that was allocated
  };
  static constexpr auto line = static_cast<std::size_t>(plan::alignment);

  Header& header() const { return *std::launder(reinterpret_cast<Header*>(memory_ - line)); }
  std::atomic<std::size_t>& count() const { return header().handles; }

  std::byte* memory_ = nullptr;
};

}  // namespace ctgrad::runtime
