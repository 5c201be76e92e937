# ctgrad_program(TARGET SOURCES LIBRARY...): one of this project's own programs, with its strict warnings.

function(ctgrad_program target sources)
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ctgrad::ctgrad ctgrad_warnings ${ARGN})
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

# What examples share, compiled once, with the command line, which benchmarks use as well, and their files: these take
# several seconds each.
if(CTGRAD_BUILD_EXAMPLES OR CTGRAD_BUILD_BENCH OR CTGRAD_BUILD_TESTS)
  find_package(CLI11 REQUIRED)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/support/*.cpp)
  add_library(ctgrad_example_support STATIC ${sources})
  target_link_libraries(ctgrad_example_support PUBLIC ctgrad::ctgrad PRIVATE CLI11::CLI11 ctgrad_warnings)
  set_target_properties(ctgrad_example_support PROPERTIES CXX_EXTENSIONS OFF)

  # What programs have that mpirun may begin: a library of its own, since MPI takes a while to be loaded.
  add_library(ctgrad_example_job STATIC ${PROJECT_SOURCE_DIR}/examples/support/job/job.cpp)
  target_link_libraries(ctgrad_example_job PUBLIC ctgrad::ctgrad PRIVATE ctgrad_warnings)
  set_target_properties(ctgrad_example_job PROPERTIES CXX_EXTENSIONS OFF)
  if(TARGET ctgrad::mpi)
    target_link_libraries(ctgrad_example_job PRIVATE ctgrad::mpi)
    target_compile_definitions(ctgrad_example_job PRIVATE CTGRAD_EXAMPLES_HAVE_MPI)
  endif()

  # What 10_sentences does with a model, whatever its sizes: tests have a small one.
  if(TARGET ctgrad::text)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/support/sentences/*.cpp)
    add_library(ctgrad_example_sentences STATIC ${sources})
    target_link_libraries(ctgrad_example_sentences PUBLIC ctgrad_example_support ctgrad::text PRIVATE ctgrad_warnings)
    set_target_properties(ctgrad_example_sentences PROPERTIES CXX_EXTENSIONS OFF)
  endif()
endif()
