#include "compare.hpp"

bench::ThreadTimes bench::time_threads_sentence(const ThreadRuns& runs) {
  return time_threads<sentence>(runs);
}
