# Says once what kernels do without where a project that uses ctgrad names no processor to its compiler.

get_property(ctgrad_said GLOBAL PROPERTY CTGRAD_SAID_VECTORS)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT CTGRAD_NATIVE AND NOT ctgrad_said
   AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_RELEASE}" MATCHES "-march=|-mavx")
  message(STATUS "ctgrad: CMAKE_CXX_FLAGS names no processor. Targets without an -march of their own get kernels with "
                 "vectors of 128 bits and without fused products and sums; with -march=native, or the processor that "
                 "programs are for, they run several times as fast.")
  set_property(GLOBAL PROPERTY CTGRAD_SAID_VECTORS TRUE)
endif()
unset(ctgrad_said)
