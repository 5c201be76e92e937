# What each compiler needs to know to evaluate a whole network at compile time. A program's graph is traced,
# differentiated and planned in one constant expression: the compilers' own limits are for something smaller.
# Every user gets these options with ctgrad::ctgrad; the compile-fail tests use them directly.

set(CTGRAD_GNU_OPTIONS
    -fconstexpr-ops-limit=4000000000
    -fconstexpr-loop-limit=100000000
    -fconstexpr-depth=4096)

set(CTGRAD_CLANG_OPTIONS
    -fconstexpr-steps=2000000000
    -fconstexpr-depth=4096
    -fbracket-depth=4096)

# Loops say of themselves that their elements are independent (kernels/lanes.hpp); clang takes that for a demand, and would
# warn of every one that it leaves as it is.
list(APPEND CTGRAD_CLANG_OPTIONS -Wno-pass-failed)

# std::sqrt as one instruction: nothing here reads errno, and no value changes.
list(APPEND CTGRAD_GNU_OPTIONS -fno-math-errno)
list(APPEND CTGRAD_CLANG_OPTIONS -fno-math-errno)

# Nothing here looks at the exceptions of floating point, and no value changes: without it g++ leaves loops with a choice
# between two computations (exp, say) scalar on AVX2.
list(APPEND CTGRAD_GNU_OPTIONS -fno-trapping-math)

# A product and a sum are rounded once where kernels say so (kernels/fused.hpp), nowhere else: so results have the same
# bits whatever the compiler and the processor.
list(APPEND CTGRAD_GNU_OPTIONS -ffp-contract=off)
list(APPEND CTGRAD_CLANG_OPTIONS -ffp-contract=off)

# The same in files, for scripts that call a compiler themselves.
list(JOIN CTGRAD_GNU_OPTIONS "\n" options)
file(WRITE ${PROJECT_BINARY_DIR}/options/gnu.txt "${options}\n")
list(JOIN CTGRAD_CLANG_OPTIONS "\n" options)
file(WRITE ${PROJECT_BINARY_DIR}/options/clang.txt "${options}\n")

set(CTGRAD_MINIMUM_GNU 12)
set(CTGRAD_MINIMUM_CLANG 16)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CTGRAD_MINIMUM ${CTGRAD_MINIMUM_GNU})
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(CTGRAD_MINIMUM ${CTGRAD_MINIMUM_CLANG})
else()
  set(CTGRAD_MINIMUM 0)
  message(WARNING "ctgrad is tested with g++ and clang, not with ${CMAKE_CXX_COMPILER_ID}")
endif()
if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS CTGRAD_MINIMUM)
  message(FATAL_ERROR "ctgrad needs ${CMAKE_CXX_COMPILER_ID} ${CTGRAD_MINIMUM} or newer, "
                      "but ${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_VERSION}")
endif()
