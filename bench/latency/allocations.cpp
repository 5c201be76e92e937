#include "allocations.hpp"

#include <cerrno>
#include <cstdlib>

// The program's own malloc and its like, which count and pass on to glibc's; operator new ends here too.
namespace {

std::size_t count = 0;

}  // namespace

#if defined(__GLIBC__)

// NOLINTBEGIN(bugprone-reserved-identifier): glibc's names
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t number, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
}

extern "C" void* malloc(std::size_t bytes) {
  ++count;
  return __libc_malloc(bytes);
}
extern "C" void* calloc(std::size_t number, std::size_t bytes) {
  ++count;
  return __libc_calloc(number, bytes);
}
extern "C" void* realloc(void* memory, std::size_t bytes) {
  ++count;
  return __libc_realloc(memory, bytes);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++count;
  return __libc_memalign(alignment, bytes);
}
extern "C" void* memalign(std::size_t alignment, std::size_t bytes) {
  ++count;
  return __libc_memalign(alignment, bytes);
}
extern "C" int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  ++count;
  *memory = __libc_memalign(alignment, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}
// NOLINTEND(bugprone-reserved-identifier)

const bool bench::allocations_are_counted = true;

#else

const bool bench::allocations_are_counted = false;

#endif

std::size_t bench::allocations() { return count; }
