# Says so where a project that uses ctgrad is compiled without optimisation by omission.

get_property(ctgrad_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT CMAKE_BUILD_TYPE AND NOT ctgrad_multi_config AND NOT CMAKE_CXX_FLAGS MATCHES "-O[1-3gs]")
  message(WARNING "ctgrad: CMAKE_BUILD_TYPE is empty, so nothing is optimised: programs run some 18 times slower. "
                  "Configure with -DCMAKE_BUILD_TYPE=Release.")
endif()
unset(ctgrad_multi_config)
