#include "compare.hpp"

bench::ThreadTimes bench::time_threads_small(const ThreadRuns& runs) { return time_threads<small>(runs); }
