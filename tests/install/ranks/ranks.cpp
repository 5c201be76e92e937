// A program of ctgrad::mpi, which is alone where no mpirun began it.
#include <ctgrad/mpi/ranks.hpp>

int main() { return ctgrad::mpi_ranks().size() == 1 ? 0 : 1; }
