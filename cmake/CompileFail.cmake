# Every tests/compile_fail/CASE.cpp is a test per compiler, whichever of them builds the rest: a message is only
# good when both print it well. tests/compile_fail/check says what a case must do.

# ctgrad_find_compiler(KIND ID MINIMUM NAME...): sets CTGRAD_KIND_COMPILER to the build's own one where it fits, else to the
# first of those names that is there, new enough and finds a standard library; empty if none is. Looked for whenever CMake
# runs: a compiler that is too old today may have a newer one beside it tomorrow.
function(ctgrad_find_compiler kind id minimum)
  set(CTGRAD_${kind}_COMPILER "" PARENT_SCOPE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL id)
    set(CTGRAD_${kind}_COMPILER ${CMAKE_CXX_COMPILER} PARENT_SCOPE)
    return()
  endif()
  set(seen "")
  foreach(name IN LISTS ARGN)
    unset(found)
    find_program(found ${name} NO_CACHE)
    if(found)
      execute_process(COMMAND ${found} -dumpversion OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
      if(NOT version VERSION_LESS minimum)
        execute_process(COMMAND ${found} -std=c++20 -fsyntax-only -include vector -x c++ /dev/null
                        RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
        if(NOT failed)
          set(CTGRAD_${kind}_COMPILER ${found} PARENT_SCOPE)
          return()
        endif()
        string(APPEND version " without a C++20 library")
      endif()
      string(APPEND seen ", ${found} is ${version}")
    endif()
  endforeach()
  message(STATUS "compile_fail: no ${id} ${minimum} or newer is here${seen}: its cases are left out")
endfunction()

ctgrad_find_compiler(gnu GNU ${CTGRAD_MINIMUM_GNU} g++ g++-15 g++-14 g++-13 g++-12)
ctgrad_find_compiler(clang Clang ${CTGRAD_MINIMUM_CLANG} clang++-16 clang++-17 clang++-18 clang++-19 clang++-20 clang++)

# Folders of the dependencies that no compiler searches by itself.
set(system_includes "")
foreach(target xtensor Boost::headers nlohmann_json::nlohmann_json)
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  if(folders)
    list(APPEND system_includes ${folders})
  endif()
endforeach()
list(REMOVE_ITEM system_includes ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES} /usr/include /usr/local/include)
list(REMOVE_DUPLICATES system_includes)
list(TRANSFORM system_includes PREPEND -isystem)

# What all cases include is compiled first, once for each compiler.
foreach(kind gnu clang)
  string(TOUPPER ${kind} KIND)
  set(precompiled_${kind} ${PROJECT_BINARY_DIR}/compile_fail/${kind})
  set(compile_${kind} ${CTGRAD_${kind}_COMPILER} -std=c++20 -I${PROJECT_SOURCE_DIR}/include ${system_includes}
                      ${CTGRAD_${KIND}_OPTIONS})
  if(CTGRAD_${kind}_COMPILER)
    add_test(NAME compile_fail.precompile.${kind}
             COMMAND ${PROJECT_SOURCE_DIR}/tests/compile_fail/precompile ${kind} ${precompiled_${kind}} --
                     ${compile_${kind}})
    set_tests_properties(compile_fail.precompile.${kind} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS compile_fail
                                                                    FIXTURES_SETUP precompiled_${kind})
  endif()
endforeach()

file(GLOB cases CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/compile_fail/*.cpp)
foreach(case IN LISTS cases)
  cmake_path(GET case STEM name)
  foreach(kind gnu clang)
    if(CTGRAD_${kind}_COMPILER)
      add_test(NAME compile_fail.${name}.${kind}
               COMMAND ${PROJECT_SOURCE_DIR}/tests/compile_fail/check ${kind} ${case} -- ${compile_${kind}}
                       -include ${precompiled_${kind}}/cases.hpp)
      set_tests_properties(compile_fail.${name}.${kind} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT}
                                                                   LABELS compile_fail
                                                                   FIXTURES_REQUIRED precompiled_${kind})
    endif()
  endforeach()
endforeach()

# ctest says of a compiler that is not here that its cases were skipped.
foreach(kind gnu clang)
  if(NOT CTGRAD_${kind}_COMPILER)
    add_test(NAME compile_fail.without_${kind}
             COMMAND sh -c "echo 'compile_fail: no ${kind} compiler that is new enough: its cases are left out'; exit 77")
    set_tests_properties(compile_fail.without_${kind} PROPERTIES SKIP_RETURN_CODE 77 LABELS compile_fail)
  endif()
endforeach()

# Options that take arithmetic otherwise than it is written are refused, or make no difference.
foreach(kind gnu clang)
  if(CTGRAD_${kind}_COMPILER)
    add_test(NAME options.strict_math.${kind}
             COMMAND ${PROJECT_SOURCE_DIR}/tests/options/check ${kind} -- ${CTGRAD_${kind}_COMPILER} -std=c++20
                     -I${PROJECT_SOURCE_DIR}/include ${system_includes})
    set_tests_properties(options.strict_math.${kind} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS compile_fail)
  endif()
endforeach()
