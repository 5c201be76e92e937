#include <ctgrad/runtime/pages.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Sanitizers end a program that asks for more memory than they have.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CTGRAD_ENDS_AT_LARGE_ALLOCATIONS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CTGRAD_ENDS_AT_LARGE_ALLOCATIONS
#endif
#endif

namespace ctgrad::test {

namespace {

std::size_t distance_from_multiple(const void* memory, std::size_t of) {
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(memory) % of);
}

}  // namespace

TEST_CASE("memory begins at a cache line, and at a large page where it spans several", "[runtime]") {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, 2 * runtime::large_page - 1}) {
    const runtime::Pages pages(bytes);
    CHECK(pages.data() != nullptr);
    CHECK(distance_from_multiple(pages.data(), static_cast<std::size_t>(plan::alignment)) == 0);
  }
  for (const std::size_t bytes : {2 * runtime::large_page, 5 * runtime::large_page + 3}) {
    const runtime::Pages pages(bytes);
    CHECK(distance_from_multiple(pages.data(), runtime::large_page) == 0);
    pages.data()[0] = std::byte{1};
    pages.data()[bytes - 1] = std::byte{2};
    CHECK(pages.data()[0] == std::byte{1});
  }
}

TEST_CASE("pages have one owner", "[runtime]") {
  runtime::Pages first(100);
  std::byte* memory = first.data();
  runtime::Pages second = std::move(first);
  CHECK(second.data() == memory);
  CHECK(first.data() == nullptr);  // NOLINT(bugprone-use-after-move): what is left is none
  CHECK(runtime::Pages().data() == nullptr);
}

TEST_CASE("memory that there is not is refused by its size", "[runtime]") {
  constexpr std::size_t largest = static_cast<std::size_t>(-1);
  CHECK(std::string(runtime::OutOfMemory(largest).what()) ==
        "ctgrad: 18446744073709551615 bytes could not be allocated");
#ifndef CTGRAD_ENDS_AT_LARGE_ALLOCATIONS
  CHECK_THROWS_WITH(runtime::allocate_pages(std::size_t{1} << 60),
                    "ctgrad: 1152921504606846976 bytes could not be allocated");
  CHECK_THROWS_AS(runtime::Pages(std::size_t{1} << 60), std::bad_alloc);
#endif
}

TEST_CASE("vectors of many numbers take pages, and refuse more than there can be", "[runtime]") {
  using Numbers = std::vector<float, runtime::PageAllocator<float>>;
  Numbers numbers(2 * runtime::large_page / sizeof(float), 3.F);
  CHECK(distance_from_multiple(numbers.data(), runtime::large_page) == 0);
  const Numbers copy = numbers;
  numbers.front() = 4;
  CHECK(copy.front() == 3);
  CHECK(copy.back() == 3);
  CHECK_THROWS_AS(runtime::PageAllocator<double>().allocate(static_cast<std::size_t>(-1) / 2),
                  std::bad_array_new_length);
}

}  // namespace ctgrad::test
