# docs/operations.md is what docs/generator prints; `./dev docs` writes it.

ctgrad_program(docs_operations ${PROJECT_SOURCE_DIR}/docs/generator/operations.cpp)
add_dependencies(snippet_programs docs_operations)
add_test(NAME docs.operations
         COMMAND sh -c "\"$1\" . >$2 && diff $2 docs/operations.md || { echo './dev docs writes it anew'; exit 1; }" run
                 $<TARGET_FILE:docs_operations> ${PROJECT_BINARY_DIR}/operations.md
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(docs.operations PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS snippets)
