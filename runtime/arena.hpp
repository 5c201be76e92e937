#pragma once

#include <ctgrad/runtime/pages.hpp>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace ctgrad::runtime {

/// Zeroed memory that begins at a cache line; a copy is other memory with the same bytes in it. An arena that
/// was moved from has none until it is assigned to.
class Arena {
 public:
  explicit Arena(std::size_t bytes) : bytes_(bytes), memory_(bytes) { std::memset(memory_.data(), 0, bytes); }
  Arena(const Arena& other)
      : bytes_(other.bytes_), memory_(other.is_empty() ? Pages() : Pages(other.bytes_)) {
    copy_bytes(other);
  }
  Arena(Arena&&) noexcept = default;
  Arena& operator=(const Arena& other) {
    if (this == &other) return *this;
    if (is_empty() || other.is_empty() || bytes_ != other.bytes_) return *this = Arena(other);
    copy_bytes(other);
    return *this;
  }
  /// Where both have memory it stays where it is, so that views of it show what is assigned.
  Arena& operator=(Arena&& other) noexcept {
    if (this == &other) return *this;
    if (is_empty() || other.is_empty() || bytes_ != other.bytes_) {
      bytes_ = other.bytes_;
      memory_ = std::move(other.memory_);
    } else {
      copy_bytes(other);
      other.memory_ = Pages();
    }
    return *this;
  }
  ~Arena() = default;

  /// Whether it was moved from.
  bool is_empty() const { return memory_.data() == nullptr; }

  /// Makes all bytes 0, in new memory if it was moved from.
  void clear() {
    if (is_empty()) memory_ = Pages(bytes_);
    std::memset(memory_.data(), 0, bytes_);
  }

  /// Throws std::logic_error if it was moved from.
  std::byte* data() { return require_memory(); }
  const std::byte* data() const { return require_memory(); }
  std::size_t size() const { return bytes_; }

 private:
  void copy_bytes(const Arena& other) {
    if (!other.is_empty()) std::memcpy(memory_.data(), other.memory_.data(), bytes_);
  }

  std::byte* require_memory() const {
    if (is_empty())
      throw std::logic_error("this object was moved from and has no numbers: assign to it before it is used");
    return memory_.data();
  }

  std::size_t bytes_;
  Pages memory_;
};

}  // namespace ctgrad::runtime
