# tests/fuzz/NAME.cpp becomes the program fuzz_NAME: libFuzzer, with which only clang comes, calls what is in it. The
# library is watched by the sanitizers that CMAKE_BUILD_TYPE Fuzz brings (see CMakePresets.json).

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/fuzz/*.cpp)
if(NOT TARGET ctgrad::text)
  list(FILTER sources EXCLUDE REGEX "/(tokenizers|vocabularies)\\.cpp$")
endif()
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  ctgrad_program(fuzz_${name} ${source})
  if(name MATCHES "^(tokenizers|vocabularies)$")
    target_link_libraries(fuzz_${name} PRIVATE ctgrad::text)
  endif()
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endforeach()

set(sources text alphabet dates additions)
list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/examples/support/)
list(TRANSFORM sources APPEND .cpp)
target_sources(fuzz_texts PRIVATE ${sources})
target_include_directories(fuzz_texts PRIVATE ${PROJECT_SOURCE_DIR}/examples/support)
