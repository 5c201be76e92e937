#pragma once

#include <ctgrad/plan/memory.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

/// Memory for many numbers.
namespace ctgrad::runtime {

/// The bytes of a large page of x86-64 and of most other processors. A matrix product walks down columns of
/// matrices whose rows lie a page apart: with pages of 4 KiB it waits for the processor to find them.
inline constexpr std::size_t large_page = std::size_t{1} << 21;

/// Where memory of so many bytes begins: at a cache line, or at a large page where it spans several.
constexpr std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes < 2 * large_page ? static_cast<std::size_t>(plan::alignment) : large_page};
}

/// Says how many bytes could not be allocated; to say it takes no memory that would have to be allocated.
class OutOfMemory : public std::bad_alloc {
 public:
  [[gnu::cold]] explicit OutOfMemory(std::size_t bytes) noexcept {
    constexpr std::string_view before = "ctgrad: ", behind = " bytes could not be allocated";
    char* end = std::ranges::copy(before, words_.data()).out;
    end = std::to_chars(end, words_.data() + words_.size(), bytes).ptr;
    *std::ranges::copy(behind, end).out = '\0';
  }

  const char* what() const noexcept override { return words_.data(); }

 private:
  std::array<char, 64> words_{};
};

/// Memory that free_pages frees. Throws OutOfMemory. Where it spans several large pages, Linux is asked for
/// these; if it has none to give, the memory is of small ones.
inline std::byte* allocate_pages(std::size_t bytes) {
  auto* memory = static_cast<std::byte*>(::operator new[](bytes, alignment_of(bytes), std::nothrow));
  if (memory == nullptr) throw OutOfMemory(bytes);
#ifdef MADV_HUGEPAGE
  if (bytes >= 2 * large_page) static_cast<void>(::madvise(memory, bytes, MADV_HUGEPAGE));
#endif
  return memory;
}
inline void free_pages(void* memory, std::size_t bytes) noexcept {
  ::operator delete[](static_cast<std::byte*>(memory), alignment_of(bytes));
}

/// Gives the memory of whole pages between back to the system, where that is Linux; their bytes are 0 then.
inline void forget_pages(std::byte* begin, std::byte* end) noexcept {
#ifdef MADV_DONTNEED
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(end) / page * page;
  if (first < last)
    static_cast<void>(
        ::madvise(begin + (first - reinterpret_cast<std::uintptr_t>(begin)), last - first, MADV_DONTNEED));
#else
  static_cast<void>(begin), static_cast<void>(end);
#endif
}

struct FreePages {
  std::size_t bytes = 0;
  void operator()(std::byte* memory) const noexcept { free_pages(memory, bytes); }
};

/// Memory of its own, which may be none.
class Pages {
 public:
  Pages() = default;
  explicit Pages(std::size_t bytes) : memory_(allocate_pages(bytes), FreePages{bytes}) {}

  std::byte* data() const { return memory_.get(); }

 private:
  std::unique_ptr<std::byte[], FreePages> memory_;
};

/// What a std::vector of many numbers takes its memory from.
template <class T>
struct PageAllocator {
  using value_type = T;

  PageAllocator() = default;
  template <class U>
  explicit PageAllocator(const PageAllocator<U>&) {}

  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return reinterpret_cast<T*>(allocate_pages(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) noexcept { free_pages(memory, count * sizeof(T)); }
  friend bool operator==(const PageAllocator&, const PageAllocator&) { return true; }
};

}  // namespace ctgrad::runtime
