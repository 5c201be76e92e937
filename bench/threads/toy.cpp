#include "compare.hpp"

bench::ThreadTimes bench::time_threads_toy(const ThreadRuns& runs) { return time_threads<toy>(runs); }
