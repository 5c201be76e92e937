#pragma once

#include <cstddef>

namespace ctgrad::test {

/// How often this program has asked the heap for memory so far.
std::size_t allocations();

}  // namespace ctgrad::test
