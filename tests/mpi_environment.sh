# shellcheck shell=bash
# To be sourced: lets mpirun start more ranks than there are processors, also as root, as tests have to. Ranks that wait
# leave the processor to others then.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_plm=isolated
# What MPI itself leaves behind is none of our leaks, where programs are compiled to look for them.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
