# ctgrad_add_buckets(TARGET HEADER PROGRAM LENGTHS NUMBER... BATCHES NUMBER...): gives a target a source file for each
# bucket of a BucketedProgram, so that buckets are compiled at once, and again only where their program has changed.
#
#   ctgrad_add_buckets(search ${CMAKE_CURRENT_SOURCE_DIR}/embedder.hpp Embedder LENGTHS 16 32 64 BATCHES 1 8)
#
# HEADER declares PROGRAM and says of each bucket that it is elsewhere:
#
#   extern template struct ctgrad::Bucket<Embedder, 16, 1>;
#
# A bucket that it does not declare so is compiled a second time where the program is used. Numbers of LENGTHS or BATCHES
# that are not the program's do not compile; a bucket that is left out here is missed by the linker.
function(ctgrad_add_buckets target header program)
  cmake_parse_arguments(PARSE_ARGV 3 of "" "" "LENGTHS;BATCHES")
  if(NOT of_LENGTHS OR NOT of_BATCHES OR of_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ctgrad_add_buckets: expected TARGET HEADER PROGRAM LENGTHS NUMBER... BATCHES NUMBER..., got "
                        "'${ARGV}'")
  endif()
  string(MAKE_C_IDENTIFIER "${program}" name)
  foreach(length IN LISTS of_LENGTHS)
    foreach(batch IN LISTS of_BATCHES)
      set(source ${CMAKE_CURRENT_BINARY_DIR}/buckets/${target}/${name}_${length}x${batch}.cpp)
      file(CONFIGURE OUTPUT ${source}
           CONTENT "#include \"${header}\"\ntemplate struct ctgrad::Bucket<${program}, ${length}, ${batch}>;\n")
      target_sources(${target} PRIVATE ${source})
    endforeach()
  endforeach()
endfunction()
