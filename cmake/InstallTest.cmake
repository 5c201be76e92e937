# What a user gets: ctgrad installed into the build tree, found there by a project of its own, built with the same
# compiler and flags and run (tests/install/check.sh). As this build is configured, and with another folder for headers.

string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
set(configure "")
foreach(name CMAKE_CXX_COMPILER CMAKE_CXX_FLAGS CMAKE_CXX_FLAGS_${type} CMAKE_EXE_LINKER_FLAGS CMAKE_BUILD_TYPE
             CMAKE_MAKE_PROGRAM CMAKE_PREFIX_PATH)
  string(REPLACE ";" "\\;" value "${${name}}")
  list(APPEND configure "-D${name}=${value}")
endforeach()

set(folder ${PROJECT_BINARY_DIR}/install)
set(check ${PROJECT_SOURCE_DIR}/tests/install/check.sh)
add_test(NAME install.as_configured COMMAND ${check} ${PROJECT_BINARY_DIR} ${folder}/as_configured ${CMAKE_GENERATOR}
                                            ${configure})
add_test(NAME install.configure COMMAND ${CMAKE_COMMAND} -S ${PROJECT_SOURCE_DIR} -B ${folder}/build
                                        -G ${CMAKE_GENERATOR} -Wno-dev ${configure} -DCTGRAD_BUILD_TESTS=OFF
                                        -DCTGRAD_BUILD_EXAMPLES=OFF -DCTGRAD_BUILD_BENCH=OFF
                                        -DCMAKE_INSTALL_INCLUDEDIR=headers
                                        -DCTGRAD_BLAS=${CTGRAD_BLAS} -DCTGRAD_BLAS_LEAST=${CTGRAD_BLAS_LEAST})
add_test(NAME install.other_folder COMMAND ${check} ${folder}/build ${folder}/other_folder ${CMAKE_GENERATOR}
                                            ${configure})
set_tests_properties(install.configure PROPERTIES FIXTURES_SETUP install)
set_tests_properties(install.other_folder PROPERTIES FIXTURES_REQUIRED install)
set_tests_properties(install.as_configured install.configure install.other_folder
                     PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS install)
