#pragma once

#include <cstddef>

namespace bench {

/// Whether allocations are counted: where the C library is glibc.
extern const bool allocations_are_counted;

/// How often this program has asked the heap for memory so far, by whatever function.
std::size_t allocations();

}  // namespace bench
