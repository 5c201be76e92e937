# What gdb prints with tools/gdb/ctgrad_printers.py; left out where there is no gdb that has Python.

find_program(CTGRAD_GDB gdb)
if(CTGRAD_GDB)
  execute_process(COMMAND ${CTGRAD_GDB} -batch -nx -ex "python print('python')" OUTPUT_VARIABLE said ERROR_QUIET)
endif()
if(said MATCHES "python")
  ctgrad_program(gdb_program tests/gdb/program.cpp)
  target_compile_options(gdb_program PRIVATE -O0 -g)
  add_test(NAME gdb_printers COMMAND ${PROJECT_SOURCE_DIR}/tests/gdb/check ${CTGRAD_GDB}
                                     ${PROJECT_SOURCE_DIR}/tools/gdb/ctgrad_printers.py $<TARGET_FILE:gdb_program>)
  set_tests_properties(gdb_printers PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} SKIP_RETURN_CODE 77)
else()
  message(STATUS "gdb with Python is not there: what its printers print is not tested")
endif()
