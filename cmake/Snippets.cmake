# Every page's code blocks are a test: C++ is compiled as it stands, and what a page quotes of files and programs is what
# they are and print (tests/snippets/check). With this build's compiler; it reads no more than it must: no code is made.

# The programs whose output pages quote.
add_custom_target(snippet_programs)
foreach(name IN ITEMS 00_readme 01_self_attention 02_gradients 08_fit_a_line 09_digits)
  if(TARGET ${name})
    add_dependencies(snippet_programs ${name})
  endif()
endforeach()

if(CTGRAD_gnu_COMPILER STREQUAL CMAKE_CXX_COMPILER)
  set(options ${CTGRAD_GNU_OPTIONS})
else()
  set(options ${CTGRAD_CLANG_OPTIONS})
endif()
file(GLOB pages CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/*.md ${PROJECT_SOURCE_DIR}/docs/*.md)
if(NOT TARGET ctgrad::text)
  list(REMOVE_ITEM pages docs/text.md)
endif()
foreach(page IN LISTS pages)
  add_test(NAME snippets.${page}
           COMMAND ${PROJECT_SOURCE_DIR}/tests/snippets/check ${page} ${PROJECT_BINARY_DIR} -- ${CMAKE_CXX_COMPILER}
                   -std=c++20 -Iinclude ${system_includes} ${options}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(snippets.${page} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS snippets)
endforeach()
add_test(NAME snippets.refusals COMMAND ${PROJECT_SOURCE_DIR}/tests/snippets/refusals.sh ${CMAKE_CXX_COMPILER} -std=c++20
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(snippets.refusals PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS snippets)

include(cmake/Docs.cmake)
