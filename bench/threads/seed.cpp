#include "compare.hpp"

bench::ThreadTimes bench::time_threads_seed(const ThreadRuns& runs) { return time_threads<seed>(runs); }
