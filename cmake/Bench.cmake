# bench/NAME.cpp becomes the program bench_NAME; the target `benchmarks` builds them all.

add_custom_target(benchmarks)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cpp)
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  ctgrad_program(bench_${name} ${source} ctgrad_example_support)
  add_dependencies(benchmarks bench_${name})
endforeach()

# Training steps with and without passes: a file for every configuration. It takes minutes to compile, so it is
# built only when asked for.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/passes/*.cpp)
ctgrad_program(bench_passes "${sources}" ctgrad_example_support)
set_target_properties(bench_passes PROPERTIES EXCLUDE_FROM_ALL ON)
add_dependencies(benchmarks bench_passes)

# The same benchmark over another checkout's library, for `./dev bench --beside`: its headers come first.
set(CTGRAD_BESIDE "" CACHE PATH "Another checkout, whose headers bench_step_beside is built with")
if(CTGRAD_BESIDE)
  ctgrad_program(bench_step_beside ${PROJECT_SOURCE_DIR}/bench/step.cpp ctgrad_example_support)
  target_include_directories(bench_step_beside BEFORE PRIVATE ${CTGRAD_BESIDE}/include)
  set_target_properties(bench_step_beside PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

# ctgrad's side of `./dev bench --peers`: a file for every configuration, built for the processor at hand and for 256-bit
# vectors. Nothing compiled otherwise is linked in, or an inlined function of the wider build might take another's place.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/peers/*.cpp)
ctgrad_program(bench_peers "${sources}")
set_target_properties(bench_peers PROPERTIES EXCLUDE_FROM_ALL ON)
add_dependencies(benchmarks bench_peers)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # In a library behind ctgrad, so that it stands behind ctgrad's own -march=native: the last one holds.
  add_library(bench_haswell INTERFACE)
  target_compile_options(bench_haswell INTERFACE -march=haswell)
  ctgrad_program(bench_peers_haswell "${sources}" bench_haswell)
  set_target_properties(bench_peers_haswell PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(benchmarks bench_peers_haswell)
endif()
