# ctgrad::ctgrad, the library: headers, the language level, the compilers' limits and the headers it stands on.

set(CTGRAD_FOLDERS base kernels graph ops passes autodiff plan nn runtime inspect check buckets io onnx train mpi generate report text)

find_package(xtensor 0.24 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

add_library(ctgrad INTERFACE)
add_library(ctgrad::ctgrad ALIAS ctgrad)
target_compile_features(ctgrad INTERFACE cxx_std_20)
target_include_directories(ctgrad INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
target_compile_options(ctgrad INTERFACE "$<$<CXX_COMPILER_ID:GNU>:${CTGRAD_GNU_OPTIONS}>"
                                        "$<$<CXX_COMPILER_ID:Clang,AppleClang>:${CTGRAD_CLANG_OPTIONS}>")
target_link_libraries(ctgrad INTERFACE xtensor Boost::headers nlohmann_json::nlohmann_json Threads::Threads)
# Deflated .npz files are read and written with zlib, where it is found; stored ones without it.
if(CTGRAD_ZLIB)
  find_package(ZLIB REQUIRED)
  target_link_libraries(ctgrad INTERFACE ZLIB::ZLIB)
  target_compile_definitions(ctgrad INTERFACE CTGRAD_ZLIB)
endif()
if(CTGRAD_BF16_DOTS)
  target_compile_definitions(ctgrad INTERFACE CTGRAD_BF16_DOTS)
endif()

if(CTGRAD_BLAS)
  # xtensor-blas' package finds a BLAS and links it. HAVE_CBLAS has it call that one rather than loops of its own.
  find_package(xtensor-blas 0.20 REQUIRED)
  target_link_libraries(ctgrad INTERFACE xtensor-blas)
  target_compile_definitions(ctgrad INTERFACE CTGRAD_BLAS HAVE_CBLAS=1)
  if(NOT CTGRAD_BLAS_LEAST STREQUAL "")
    target_compile_definitions(ctgrad INTERFACE CTGRAD_BLAS_LEAST=${CTGRAD_BLAS_LEAST})
  endif()
endif()
if(CTGRAD_NATIVE)
  target_compile_options(ctgrad INTERFACE $<BUILD_INTERFACE:-march=native>)
endif()
