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
string(JOIN " " CTGRAD_NATIVE_FLAGS "${CTGRAD_BENCH_FLAGS}" ${CTGRAD_VECTOR_OPTIONS})
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

# One inference, call by call.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/latency/*.cpp)
ctgrad_benchmark(bench_latency "${sources}")

# Training steps with and without passes: a file for every configuration. It takes minutes to compile, so it is
# built only when asked for.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/passes/*.cpp)
ctgrad_benchmark(bench_passes "${sources}")
set_target_properties(bench_passes PROPERTIES EXCLUDE_FROM_ALL ON)

# Matrix products: a program for this machine's own vectors, and one each for 256 and 128 bits. A program for each, since
# kernels of one name may not differ in one. They are built only when asked for.
file(GLOB product_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/products/*.cpp)
ctgrad_benchmark(bench_products "${product_sources}")
target_link_libraries(bench_products PRIVATE ${CMAKE_DL_LIBS})
set_target_properties(bench_products PROPERTIES EXCLUDE_FROM_ALL ON)

# ctgrad_products(BITS OPTION...): the library is linked by its file, which brings no -march along.
function(ctgrad_products bits)
  set(target bench_products_${bits})
  add_executable(${target} EXCLUDE_FROM_ALL ${product_sources})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_include_directories(${target} PRIVATE $<TARGET_PROPERTY:ctgrad,INTERFACE_INCLUDE_DIRECTORIES>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE ${CTGRAD_GNU_OPTIONS})
  else()
    target_compile_options(${target} PRIVATE ${CTGRAD_CLANG_OPTIONS})
  endif()
  target_compile_options(${target} PRIVATE ${ARGN})
  string(JOIN " " flags "${CTGRAD_BENCH_FLAGS}" ${ARGN})
  target_compile_definitions(${target} PRIVATE CTGRAD_BENCH_FLAGS="${flags}")
  target_link_libraries(${target} PRIVATE ctgrad_warnings $<TARGET_FILE:ctgrad_bench_support>
                                          $<TARGET_FILE:ctgrad_example_support> ${CMAKE_DL_LIBS})
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  add_dependencies(${target} ctgrad_bench_support)
  add_dependencies(benchmarks ${target})
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  ctgrad_products(256 -march=haswell)
  ctgrad_products(128 -march=haswell -mprefer-vector-width=128 -DCTGRAD_VECTOR_BYTES=16)
endif()

# Attention at several lengths, beside plain products: a file for every head width, built only when asked for.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/attention/*.cpp)
ctgrad_benchmark(bench_attention "${sources}")
set_target_properties(bench_attention PROPERTIES EXCLUDE_FROM_ALL ON)

# Training steps in mixed precision beside float's: a file for every configuration, built only when asked for.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/bf16/*.cpp)
ctgrad_benchmark(bench_bf16 "${sources}")
set_target_properties(bench_bf16 PROPERTIES EXCLUDE_FROM_ALL ON)

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/threads/*.cpp)
ctgrad_benchmark(bench_threads "${sources}")
set_target_properties(bench_threads PROPERTIES EXCLUDE_FROM_ALL ON)

# Training steps by several processes, where there is MPI.
if(TARGET ctgrad::mpi)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/ranks/*.cpp)
  ctgrad_benchmark(bench_ranks "${sources}")
  target_link_libraries(bench_ranks PRIVATE ctgrad::mpi ctgrad_example_job)
  set_target_properties(bench_ranks PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

# Where the time of training steps goes: a file for every configuration, built only when asked for.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/profile/*.cpp)
ctgrad_program(bench_profile "${sources}" ctgrad_bench_support)
set_target_properties(bench_profile PROPERTIES EXCLUDE_FROM_ALL ON)
add_dependencies(benchmarks bench_profile)

# What a BLAS gains, for `./dev bench --blas`: products by our kernels and by the BLAS in one program, and steps whose
# products go to it, as with CTGRAD_BLAS=ON.
find_package(xtensor-blas 0.20 REQUIRED)
function(ctgrad_blas_benchmark target sources)
  ctgrad_benchmark(${target} "${sources}")
  target_link_libraries(${target} PRIVATE xtensor-blas)
  target_compile_definitions(${target} PRIVATE CTGRAD_BLAS HAVE_CBLAS=1)
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
endfunction()
set(blas_sources ${product_sources})
list(FILTER blas_sources EXCLUDE REGEX "/(main|peers)\\.cpp$")
ctgrad_blas_benchmark(bench_blas "${blas_sources};${PROJECT_SOURCE_DIR}/bench/blas/main.cpp")
ctgrad_blas_benchmark(bench_step_blas "${step_sources}")

# ctgrad's side of `./dev tokenizers`.
if(TARGET ctgrad::text)
  ctgrad_program(bench_tokenizers ${PROJECT_SOURCE_DIR}/bench/tokenizers/main.cpp ctgrad::text)
  add_dependencies(benchmarks bench_tokenizers)
endif()

# All other kernels, where Google Benchmark is there.
find_package(benchmark QUIET)
if(benchmark_FOUND)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/kernels/*.cpp)
  ctgrad_benchmark(bench_kernels "${sources}")
  target_link_libraries(bench_kernels PRIVATE benchmark::benchmark)
  set_target_properties(bench_kernels PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

# The benchmark of steps over another checkout's library, for `./dev bench --beside`: its headers come first.
set(CTGRAD_BESIDE "" CACHE PATH "Another checkout, whose headers bench_step_beside is built with")
if(CTGRAD_BESIDE)
  ctgrad_benchmark(bench_step_beside "${step_sources}")
  target_include_directories(bench_step_beside BEFORE PRIVATE ${CTGRAD_BESIDE}/include)
  set_target_properties(bench_step_beside PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

# ctgrad's side of `./dev bench --peers`: a file for every configuration, built for the processor at hand and for 256-bit
# vectors. Nothing compiled otherwise is linked in, or an inlined function of the wider build might take another's place.
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/peers/*.cpp)
ctgrad_program(bench_peers "${sources}")
set_target_properties(bench_peers PROPERTIES EXCLUDE_FROM_ALL ON)
add_dependencies(benchmarks bench_peers)
# For several cores.
ctgrad_program(bench_peers_shards "${sources}")
target_compile_definitions(bench_peers_shards PRIVATE CTGRAD_BENCH_SHARDS)
set_target_properties(bench_peers_shards PROPERTIES EXCLUDE_FROM_ALL ON)
add_dependencies(benchmarks bench_peers_shards)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # In a library behind ctgrad, so that it stands behind ctgrad's own -march=native: the last one holds.
  add_library(bench_haswell INTERFACE)
  target_compile_options(bench_haswell INTERFACE -march=haswell)
  ctgrad_program(bench_peers_haswell "${sources}" bench_haswell)
  set_target_properties(bench_peers_haswell PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(benchmarks bench_peers_haswell)
endif()
