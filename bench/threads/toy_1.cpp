#include "compare.hpp"

bench::ThreadTimes bench::time_threads_toy_1(const ThreadRuns& runs) { return time_threads<toy_1>(runs); }
