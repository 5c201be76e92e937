# bench/NAME.cpp becomes the program bench_NAME; folders of several files say below what becomes of them. The target
# `benchmarks` builds them all.

# What they share: where they ran and what they found. No vectors in it: it is linked to programs for other widths.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/support/*.cpp)
add_library(ctgrad_bench_support STATIC ${sources})
target_link_libraries(ctgrad_bench_support PUBLIC ctgrad_example_support PRIVATE ctgrad_warnings)
set_target_properties(ctgrad_bench_support PROPERTIES CXX_EXTENSIONS OFF)

# The options that decide how fast a program is, as its output names them.
string(TOUPPER "${CMAKE_BUILD_TYPE}" CTGRAD_UPPER_BUILD_TYPE)
set(CTGRAD_BENCH_OPTIONS ${CTGRAD_CLANG_OPTIONS})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CTGRAD_BENCH_OPTIONS ${CTGRAD_GNU_OPTIONS})
endif()
list(FILTER CTGRAD_BENCH_OPTIONS EXCLUDE REGEX "^(-W|-fconstexpr|-fbracket)")
cmake_path(GET CMAKE_CXX_COMPILER FILENAME CTGRAD_COMPILER)
string(JOIN " " CTGRAD_BENCH_FLAGS "${CTGRAD_COMPILER} ${CMAKE_CXX_COMPILER_VERSION}" ${CMAKE_CXX_FLAGS}
       ${CMAKE_CXX_FLAGS_${CTGRAD_UPPER_BUILD_TYPE}} ${CTGRAD_BENCH_OPTIONS})
set(CTGRAD_NATIVE_FLAGS "${CTGRAD_BENCH_FLAGS}")
if(CTGRAD_NATIVE)
  string(APPEND CTGRAD_NATIVE_FLAGS " -march=native")
endif()

# ctgrad_benchmark(TARGET SOURCES): one for this machine's own vectors.
function(ctgrad_benchmark target sources)
  ctgrad_program(${target} "${sources}" ctgrad_bench_support)
  target_compile_definitions(${target} PRIVATE CTGRAD_BENCH_FLAGS="${CTGRAD_NATIVE_FLAGS}")
  add_dependencies(benchmarks ${target})
endfunction()

add_custom_target(benchmarks)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cpp)
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  ctgrad_benchmark(bench_${name} ${source})
endforeach()

# Forward passes and training steps: a file for every configuration.
file(GLOB step_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/step/*.cpp)
ctgrad_benchmark(bench_step "${step_sources}")

# Training steps with and without passes: a file for every configuration. It takes minutes to compile, so it is
# built only when asked for.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/passes/*.cpp)
ctgrad_benchmark(bench_passes "${sources}")
set_target_properties(bench_passes PROPERTIES EXCLUDE_FROM_ALL ON)

# The benchmark of steps over another checkout's library, for `./dev bench --beside`: its headers come first.
set(CTGRAD_BESIDE "" CACHE PATH "Another checkout, whose headers bench_step_beside is built with")
if(CTGRAD_BESIDE)
  ctgrad_benchmark(bench_step_beside "${step_sources}")
  target_include_directories(bench_step_beside BEFORE PRIVATE ${CTGRAD_BESIDE}/include)
  set_target_properties(bench_step_beside PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
