#include "compare.hpp"

bench::ThreadTimes bench::time_threads_seed_32(const ThreadRuns& runs) { return time_threads<seed_32>(runs); }
