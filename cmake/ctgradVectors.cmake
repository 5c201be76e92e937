# What a project that uses ctgrad is told of its processor's vectors, and what its compilers are.

# Loops take vectors as wide as kernels do: for some processors that have 512 bits compilers prefer 256, with which a step
# of a small model takes a tenth longer. Without AVX-512 the option changes nothing, and it changes no value.
set(CTGRAD_VECTOR_OPTIONS)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  set(CTGRAD_VECTOR_OPTIONS -mprefer-vector-width=512)
  if(TARGET ctgrad)
    target_compile_options(ctgrad INTERFACE $<BUILD_INTERFACE:${CTGRAD_VECTOR_OPTIONS}>)
  else()
    target_compile_options(ctgrad::ctgrad INTERFACE ${CTGRAD_VECTOR_OPTIONS})
  endif()
endif()

# Says once what kernels do without where it names no processor to its compiler.
get_property(ctgrad_said GLOBAL PROPERTY CTGRAD_SAID_VECTORS)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT CTGRAD_NATIVE AND NOT ctgrad_said
   AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_RELEASE}" MATCHES "-march=|-mavx")
  message(STATUS "ctgrad: CMAKE_CXX_FLAGS names no processor. Where targets have an -march of their own, ignore this. "
                 "Others get kernels with vectors of 128 bits and without fused products and sums; with -march=native, "
                 "or the processor that programs are for, they run several times as fast.")
  set_property(GLOBAL PROPERTY CTGRAD_SAID_VECTORS TRUE)
endif()
unset(ctgrad_said)
