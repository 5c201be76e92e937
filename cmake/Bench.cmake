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

# Where the time of training steps goes: a file for every configuration, built only when asked for.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/profile/*.cpp)
ctgrad_program(bench_profile "${sources}" ctgrad_example_support)
set_target_properties(bench_profile PROPERTIES EXCLUDE_FROM_ALL ON)
add_dependencies(benchmarks bench_profile)

# The same benchmark over another checkout's library, for `./dev bench --beside`: its headers come first.
set(CTGRAD_BESIDE "" CACHE PATH "Another checkout, whose headers bench_step_beside is built with")
if(CTGRAD_BESIDE)
  ctgrad_program(bench_step_beside ${PROJECT_SOURCE_DIR}/bench/step.cpp ctgrad_example_support)
  target_include_directories(bench_step_beside BEFORE PRIVATE ${CTGRAD_BESIDE}/include)
  set_target_properties(bench_step_beside PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
