# examples/NN_name.cpp becomes the program NN_name; every one that ends by itself within seconds is also a test.

set(CTGRAD_TESTED_EXAMPLES 01 02 03)
# Twenty steps show that training runs, not that it learns: `./dev train` does that.
set(CTGRAD_EXAMPLE_03_ARGUMENTS --steps 20 --allow-unlearned)

add_custom_target(examples)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/[0-9][0-9]_*.cpp)
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  ctgrad_program(${name} ${source} ctgrad_example_support)
  add_dependencies(examples ${name})
  string(SUBSTRING ${name} 0 2 number)
  if(CTGRAD_BUILD_TESTS AND number IN_LIST CTGRAD_TESTED_EXAMPLES)
    add_test(NAME example.${name} COMMAND ${name} ${CTGRAD_EXAMPLE_${number}_ARGUMENTS})
    set_tests_properties(example.${name} PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
  endif()
endforeach()

# The same seed prints the same losses, digit for digit.
if(CTGRAD_BUILD_TESTS AND TARGET 03_train_encoder)
  add_test(NAME example.same_seed_same_losses
           COMMAND sh -c "run() { \"$1\" --steps 60 --seed 3 --allow-unlearned | grep '^step'; } \
&& first=$(run \"$1\") && second=$(run \"$1\") && test -n \"$first\" && test \"$first\" = \"$second\"" run
                   $<TARGET_FILE:03_train_encoder>)
  set_tests_properties(example.same_seed_same_losses PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
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
grep -q 'characters: expected those of' $file.refused"
    run $<TARGET_FILE:06_character_model> ${PROJECT_SOURCE_DIR}/dev ${PROJECT_SOURCE_DIR}/README.md)
  set_tests_properties(example.saved_model_writes PROPERTIES TIMEOUT ${CTGRAD_TEST_TIMEOUT} LABELS example)
endif()
