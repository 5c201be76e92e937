# ctgrad::mpi, for programs whose ranks MPI connects (ctgrad/mpi/ranks.hpp): the library and MPI, where that is found.
# Included by this project, and by its package where the component mpi is asked for.

find_package(MPI QUIET COMPONENTS CXX)
if(MPI_CXX_FOUND AND NOT TARGET ctgrad::mpi)
  add_library(ctgrad::mpi INTERFACE IMPORTED)
  target_link_libraries(ctgrad::mpi INTERFACE ctgrad::ctgrad MPI::MPI_CXX)
  # MPI's bindings for C++ are none of C++20.
  target_compile_definitions(ctgrad::mpi INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
endif()
