# tests/FOLDER/NAME.cpp becomes the program FOLDER_NAME and the test of that name.

find_package(Catch2 REQUIRED)
find_package(xtensor-blas 0.20 REQUIRED)

# Catch2's main, and what several tests share: the interpreter, random inputs and the like.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/support/*.cpp)
add_library(ctgrad_test_support STATIC ${sources})
target_include_directories(ctgrad_test_support PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_compile_definitions(ctgrad_test_support
                           PUBLIC CTGRAD_REFERENCE_DIR="${PROJECT_SOURCE_DIR}/tests/reference")
target_link_libraries(ctgrad_test_support PUBLIC ctgrad::ctgrad Catch2::Catch2 PRIVATE ctgrad_warnings)
set_target_properties(ctgrad_test_support PROPERTIES CXX_EXTENSIONS OFF)
# main.cpp holds all of Catch2 2.13: not ours to warn about.
set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/support/main.cpp PROPERTIES COMPILE_OPTIONS -w)

# ctgrad.hpp, compiled once for the tests that include it. What it brings along they may use, as any program may.
file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cpp "")
add_library(ctgrad_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(ctgrad_precompiled PRIVATE ctgrad::ctgrad ctgrad_warnings)
set_target_properties(ctgrad_precompiled PROPERTIES CXX_EXTENSIONS OFF)
target_precompile_headers(ctgrad_precompiled PRIVATE <ctgrad/ctgrad.hpp>)

# Those of a name with `threads` are of use to the thread sanitizer (preset sanitize-threads), those whose programs are
# mostly products to a build with a BLAS (preset release-blas).
add_custom_target(thread_tests)
add_custom_target(product_tests)
set(product_tests kernels/blas ops/matmul_linalg ops/long_sums passes/views nn/encoder_float nn/encoder_double
                  nn/encoder_decoder_float nn/allocations)
file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/tests/*/*.cpp)
list(FILTER sources EXCLUDE REGEX
     "^(support|compile_fail|install|fuzz|options|gdb|same_bits|mpi|onnxruntime)/")
if(NOT TARGET ctgrad::text)
  message(STATUS "utf8proc is not there: tests of tokenizers are left out")
  list(FILTER sources EXCLUDE REGEX "^(text/|examples/sentences)")
endif()
# 10_sentences for a small model, of which tests are made, and the program itself.
if(TARGET ctgrad_example_sentences)
  add_library(ctgrad_small_sentences STATIC tests/examples/sentences/small_model.cpp)
  target_link_libraries(ctgrad_small_sentences PUBLIC ctgrad_example_sentences PRIVATE ctgrad_warnings)
  set_target_properties(ctgrad_small_sentences PROPERTIES CXX_EXTENSIONS OFF)
  ctgrad_program(small_sentences tests/examples/sentences/main.cpp ctgrad_small_sentences)
  add_test(NAME example.10_sentences COMMAND ${PROJECT_SOURCE_DIR}/tests/examples/sentences/check.sh
                                             $<TARGET_FILE:small_sentences>)
  set_tests_properties(example.10_sentences PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
endif()
foreach(source IN LISTS sources)
  string(REGEX REPLACE "\\.cpp$" "" name ${source})
  string(REPLACE "/" "_" name ${name})
  ctgrad_program(${name} tests/${source} ctgrad_test_support)
  if(source MATCHES "^(examples|graphs)/")
    target_link_libraries(${name} PRIVATE ctgrad_example_support)
  endif()
  if(source MATCHES "^examples/sentences")
    target_link_libraries(${name} PRIVATE ctgrad_small_sentences)
  endif()
  if(source MATCHES "^text/")
    target_link_libraries(${name} PRIVATE ctgrad::text)
  endif()
  file(STRINGS tests/${source} includes_all REGEX "^#include <ctgrad/ctgrad.hpp>" LIMIT_COUNT 1)
  # g++ has it read for others, too, that need most of it; clang sees that these include what they use.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT source MATCHES "own_operations"
     AND source MATCHES "^(autodiff|buckets|generate|gradients|graphs|inspect|nn|onnx|ops|passes|plan|train)/")
    set(includes_all TRUE)
  endif()
  if(includes_all)
    target_precompile_headers(${name} REUSE_FROM ctgrad_precompiled)
    # Read precompiled, std::string's own moves are beyond the bounds of strings, says g++ 12.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      target_compile_options(${name} PRIVATE -Wno-array-bounds -Wno-stringop-overflow)
    endif()
  endif()
  if(source MATCHES "(blas|linalg)")
    target_link_libraries(${name} PRIVATE xtensor-blas)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT})
  if(source MATCHES "threads")
    add_dependencies(thread_tests ${name})
    set_tests_properties(${name} PROPERTIES LABELS threads)
  endif()
  cmake_path(REMOVE_EXTENSION source OUTPUT_VARIABLE of_products)
  if(of_products IN_LIST product_tests)
    add_dependencies(product_tests ${name})
    set_tests_properties(${name} PROPERTIES LABELS products)
  endif()
endforeach()

# A program of several source files, one for each bucket.
set(header ${PROJECT_SOURCE_DIR}/tests/buckets/separate/embedder.hpp)
ctgrad_add_buckets(buckets_separate ${header} ctgrad::test::Embedder LENGTHS 4 12 BATCHES 1 3)
ctgrad_add_buckets(buckets_separate ${header} ctgrad::test::Trainer LENGTHS 12 BATCHES 3)
add_test(NAME buckets_separate.objects COMMAND ${PROJECT_SOURCE_DIR}/tests/buckets/separate/check.sh
                                               $<TARGET_OBJECTS:buckets_separate>
         COMMAND_EXPAND_LISTS)

# Trainings at two widths of vectors: a share of `./dev same-bits`, which has other compilers and processors besides.
if(CTGRAD_NATIVE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release"
   AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_test(NAME same_bits COMMAND ${PROJECT_SOURCE_DIR}/tests/same_bits/run.sh ${PROJECT_BINARY_DIR}/options --steps 5
                                  --targets g++-native g++-128)
  set_tests_properties(same_bits PROPERTIES TIMEOUT 300)
endif()

# Trainings in shards, by several threads at several ranks: a share of `./dev same-bits --shards`.
set(CTGRAD_RUNS_RANKS FALSE)
find_program(CTGRAD_MPIRUN mpirun)
if(TARGET ctgrad::mpi AND CTGRAD_MPIRUN)
  execute_process(COMMAND bash -c ". ./tests/mpi_environment.sh && \"$0\" -n 2 true" ${CTGRAD_MPIRUN}
                  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} RESULT_VARIABLE started OUTPUT_QUIET ERROR_QUIET TIMEOUT 30)
  if(started STREQUAL "0")
    set(CTGRAD_RUNS_RANKS TRUE)
  else()
    message(STATUS "mpirun starts no two processes here: tests of ranks by MPI are left out")
  endif()
endif()
if(CTGRAD_RUNS_RANKS)
  ctgrad_program(same_bits_shards tests/same_bits/shards.cpp ctgrad::mpi)
  add_test(NAME same_bits.shards COMMAND ${PROJECT_SOURCE_DIR}/tests/same_bits/shards.sh $<TARGET_FILE:same_bits_shards>
                                         --threads 1 3 --ranks 2 3 --steps 10)
  set_tests_properties(same_bits.shards PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT})
  ctgrad_program(mpi_calls tests/mpi/calls.cpp ctgrad::mpi)
  add_test(NAME mpi.calls COMMAND ${PROJECT_SOURCE_DIR}/tests/mpi/calls.sh $<TARGET_FILE:mpi_calls>)
  set_tests_properties(mpi.calls PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT})
endif()

# For `./dev onnx`: writes programs that ONNX Runtime is to run.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/onnxruntime/*.cpp)
ctgrad_program(onnx_export "${sources}" ctgrad_test_support)
set_target_properties(onnx_export PROPERTIES EXCLUDE_FROM_ALL ON)

# What ./dev says of wrong arguments.
find_program(CTGRAD_GIT git)
if(CTGRAD_GIT)
  add_test(NAME dev.refusals COMMAND ${PROJECT_SOURCE_DIR}/tests/dev_refusals.sh)
endif()
