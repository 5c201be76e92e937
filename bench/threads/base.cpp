#include "compare.hpp"

bench::ThreadTimes bench::time_threads_base(const ThreadRuns& runs) { return time_threads<base>(runs); }
