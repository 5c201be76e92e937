# examples/NN_name.cpp becomes the program NN_name; every one that ends by itself within seconds is also a test.

set(CTGRAD_TESTED_EXAMPLES 01 02 03 04 05 07 08)
# It trains to its bar, in seconds where it is optimised. 00 is run by the test of the page that quotes it.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  list(APPEND CTGRAD_TESTED_EXAMPLES 09)
endif()
set(CTGRAD_EXAMPLE_09_ARGUMENTS ${PROJECT_SOURCE_DIR}/examples/data/digits.txt)
# A few steps show that training runs, not that it learns: `./dev examples` does that. What a model predicts that has
# hardly learned, no character or as many as there is room for, goes into a report as well.
set(CTGRAD_EXAMPLE_03_ARGUMENTS --steps 20 --allow-unlearned)
set(CTGRAD_EXAMPLE_04_ARGUMENTS --steps 8 --report-every 4 --allow-unlearned --report example.04.html)
set(CTGRAD_EXAMPLE_05_ARGUMENTS --steps 2 --allow-unlearned --report example.05.hardly.html)
# A line that must be printed.
set(CTGRAD_EXAMPLE_07_PRINTS "\\(1, 100, 10000\\)")

add_custom_target(examples)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/[0-9][0-9]_*.cpp)
list(FILTER sources EXCLUDE REGEX "/10_sentences.cpp$")
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  ctgrad_program(${name} ${source} ctgrad_example_support)
  add_dependencies(examples ${name})
  file(STRINGS ${source} is_job REGEX "^#include \"support/job/job.hpp\"" LIMIT_COUNT 1)
  if(is_job)
    target_link_libraries(${name} PRIVATE ctgrad_example_job)
  endif()
  string(SUBSTRING ${name} 0 2 number)
  if(CTGRAD_BUILD_TESTS AND number IN_LIST CTGRAD_TESTED_EXAMPLES)
    add_test(NAME example.${name} COMMAND ${name} ${CTGRAD_EXAMPLE_${number}_ARGUMENTS})
    set_tests_properties(example.${name} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
    if(DEFINED CTGRAD_EXAMPLE_${number}_PRINTS)
      set_tests_properties(example.${name} PROPERTIES PASS_REGULAR_EXPRESSION
                                                      "\n${CTGRAD_EXAMPLE_${number}_PRINTS}\n")
    endif()
  endif()
endforeach()

# Vectors of sentences by a model that is published, which `./dev sentences` gets. It takes minutes to compile, so it is
# built only when asked for; tests/examples/sentences/ has the same program for a small model.
if(TARGET ctgrad_example_sentences)
  set(folder ${PROJECT_SOURCE_DIR}/examples/support/sentences/minilm)
  ctgrad_program(10_sentences "${PROJECT_SOURCE_DIR}/examples/10_sentences.cpp;${folder}/compiled_minilm.cpp;${folder}/pair_classifier.cpp"
                 ctgrad_example_sentences)
  ctgrad_add_buckets(10_sentences ${folder}/minilm.hpp sentences::MiniLmProgram LENGTHS 16 32 64 128 256 BATCHES 1 8)
  set_target_properties(10_sentences PROPERTIES EXCLUDE_FROM_ALL ON)
endif()

# The same seed prints the same losses, digit for digit.
if(CTGRAD_BUILD_TESTS AND TARGET 03_train_encoder)
  add_test(NAME example.same_seed_same_losses
           COMMAND sh -c "run() { \"$1\" --steps 60 --seed 3 --allow-unlearned | grep '^step'; } \
&& first=$(run \"$1\") && second=$(run \"$1\") && test -n \"$first\" && test \"$first\" = \"$second\"" run
                   $<TARGET_FILE:03_train_encoder>)
  set_tests_properties(example.same_seed_same_losses PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
endif()

# A short run, killed twice, goes on as if it had not been; `./dev kill-test` kills a longer one more often.
if(CTGRAD_BUILD_TESTS AND TARGET 03_train_encoder)
  add_test(NAME example.kill_test COMMAND ${PROJECT_SOURCE_DIR}/tests/kill_test.sh $<TARGET_FILE:03_train_encoder>
                                          --kills 2 --steps 60 --seed 1)
  add_test(NAME example.files COMMAND ${PROJECT_SOURCE_DIR}/tests/example_files.sh $<TARGET_FILE:03_train_encoder>)
  set_tests_properties(example.kill_test example.files PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
endif()

# A model that was saved answers as it did before, and what it cannot read is refused; the report is written, also of a
# model that is asked, and never over the model.
if(CTGRAD_BUILD_TESTS AND TARGET 05_addition)
  add_test(NAME example.saved_model_answers COMMAND sh -ec "\
file=example.05; \
\"$1\" --steps 20 --allow-unlearned --save $file.safetensors --report $file.html --ask 47+85 >$file.trained
\"$1\" --load $file.safetensors --ask ' 47 + 85 ' >$file.loaded
grep '^47+85 -> ' $file.trained | cmp - $file.loaded
grep -q 'Decoder over the source, layer 2' $file.html
rm $file.html
\"$1\" --load $file.safetensors --report $file.html --ask 47+85 --allow-unlearned >$file.reported
grep -q '^47+85 -> ' $file.reported
grep -q 'Decoder over the source, layer 2' $file.html
! \"$1\" --load $file.safetensors --report $file.safetensors 2>$file.refused
grep -q '^05_addition: --report: expected another file than --load' $file.refused
! \"$1\" --load $file.safetensors --steps 20 --ask 47+85 2>$file.refused
grep -q '^05_addition: --steps: expected no --load beside it' $file.refused
! \"$1\" --load $file.safetensors --ask 47x85 2>$file.refused
grep -q 'two numbers from 0 to 99' $file.refused
rm $file.*" run $<TARGET_FILE:05_addition>)
  set_tests_properties(example.saved_model_answers PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
endif()

# A character model that was saved predicts and writes as it did before, and goes with its own characters alone.
if(CTGRAD_BUILD_TESTS AND TARGET 06_character_model)
  add_test(NAME example.saved_model_writes COMMAND sh -ec "\
file=example.06; \
\"$1\" --text \"$2\" --steps 10 --length 90 --allow-unlearned --save $file.safetensors --report $file.html \
  | sed '1,/^step/d' | grep -v ' steps in ' >$file.trained
\"$1\" --text \"$2\" --load $file.safetensors --length 90 --allow-unlearned \
  | sed 1d | grep -v ' steps in ' | cmp - $file.trained
grep -q '^nats a held-out character' $file.trained
grep -q 'Layer 2' $file.html
! \"$1\" --text \"$3\" --load $file.safetensors 2>$file.refused
grep -q 'characters: expected those of' $file.refused
for option in --save --report
do
  ! \"$1\" --text \"$2\" --steps 10 --length 9 $option missing/x >$file.refused 2>&1
  grep -q '^06_character_model: missing/x: opening' $file.refused
  test $(grep -c '^step' $file.refused) = 0
done
! \"$1\" --text $file.html --report $file.html 2>$file.refused
grep -q '^06_character_model: --report: expected another file than --text' $file.refused
! \"$1\" --text /dev/full 2>$file.refused
grep -q '^06_character_model: /dev/full: expected a regular file, got a device' $file.refused
! \"$1\" --length 18446744073709551615 2>$file.refused
grep -q '^06_character_model: --length: expected a whole number from 1 to 1000000, got' $file.refused"
    run $<TARGET_FILE:06_character_model> ${PROJECT_SOURCE_DIR}/dev ${PROJECT_SOURCE_DIR}/README.md)
  set_tests_properties(example.saved_model_writes PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
endif()

# Examples that train in shards do so by more threads than they find, at which the thread sanitizer looks as well; and at
# several ranks of MPI, as they do alone.
foreach(name IN ITEMS 03_train_encoder 04_translate_dates 05_addition 06_character_model)
  if(CTGRAD_BUILD_TESTS AND TARGET ${name})
    set(arguments $<TARGET_FILE:${name}> --steps 10 --report-every 5 --allow-unlearned)
    if(name STREQUAL 06_character_model)
      list(APPEND arguments --length 9 --text ${PROJECT_SOURCE_DIR}/dev)
    endif()
    add_test(NAME example.threads_${name} COMMAND ${CMAKE_COMMAND} -E env CTGRAD_THREADS=3 ${arguments})
    set_tests_properties(example.threads_${name} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS "example;threads")
    add_dependencies(thread_tests ${name})
    if(CTGRAD_RUNS_RANKS)
      add_test(NAME example.ranks_${name} COMMAND ${PROJECT_SOURCE_DIR}/tests/ranks_example.sh ${arguments})
      set_tests_properties(example.ranks_${name} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
    endif()
  endif()
endforeach()

# One of two ranks, killed, goes on as if it had not been; `./dev kill-test --ranks 4` kills more of them.
if(CTGRAD_RUNS_RANKS AND TARGET 03_train_encoder)
  add_test(NAME example.kill_test_ranks COMMAND ${PROJECT_SOURCE_DIR}/tests/kill_test.sh $<TARGET_FILE:03_train_encoder>
                                                --ranks 2 --kills 1 --steps 30 --seed 1)
  set_tests_properties(example.kill_test_ranks PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
endif()

# A training that is stopped keeps its model.
foreach(name IN ITEMS 05_addition 06_character_model)
  if(CTGRAD_BUILD_TESTS AND TARGET ${name})
    set(arguments --report-every 5)
    if(name STREQUAL 06_character_model)
      list(APPEND arguments --length 9 --text ${PROJECT_SOURCE_DIR}/dev)
    endif()
    add_test(NAME example.stopped_${name} COMMAND ${PROJECT_SOURCE_DIR}/tests/stopped_example.sh $<TARGET_FILE:${name}>
                                                  ${arguments})
    set_tests_properties(example.stopped_${name} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
  endif()
endforeach()
