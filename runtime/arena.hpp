#pragma once

#include <ctgrad/graph/passes/memory.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace ctgrad::runtime {

/// Zeroed memory that begins at a cache line.
class Arena {
 public:
  explicit Arena(std::size_t bytes) : bytes_(bytes), memory_(allocate(bytes)) {
    std::memset(memory_.get(), 0, bytes);
  }

  std::byte* data() { return memory_.get(); }
  const std::byte* data() const { return memory_.get(); }
  std::size_t size() const { return bytes_; }

 private:
  static constexpr std::align_val_t line{static_cast<std::size_t>(passes::alignment)};
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete[](memory, line); }
  };
  static std::byte* allocate(std::size_t bytes) {
    return static_cast<std::byte*>(::operator new[](bytes, line));
  }

  std::size_t bytes_;
  std::unique_ptr<std::byte[], Free> memory_;
};

}  // namespace ctgrad::runtime
