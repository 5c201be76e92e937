# Warnings are errors in this project's own tests, examples and benchmarks; a user's build is left alone.

add_library(ctgrad_warnings INTERFACE)
target_compile_options(
  ctgrad_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Werror
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wdouble-promotion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wunused
            -Wformat=2
            -Wimplicit-fallthrough
            "$<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wlogical-op>")

# False alarms of g++ inside other people's inlined headers: xtensor's small vectors and std::function "may be used
# uninitialized"; g++ 12 sees an overlapping copy in `"text" + std::string` (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(ctgrad_warnings INTERFACE -Wno-maybe-uninitialized)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(ctgrad_warnings INTERFACE -Wno-restrict)
  endif()
endif()
