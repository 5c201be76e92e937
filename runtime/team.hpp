#pragma once

#include <ctgrad/runtime/thread_pool.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace ctgrad {

/// Threads that share work, the one that asks for it among them. They are made once, and sleep between the
/// steps of a program. Copies are the same team; the last one ends its threads.
///
/// A team works for one thread at a time. Another one that asks meanwhile does its work alone, and so does a
/// process that came out of a fork, which has none of its parent's threads: what is computed is the same.
class Team {
 public:
  /// As many threads as CTGRAD_THREADS of the environment says, or as there are processors that this process
  /// may use, a container's quota considered. Throws std::invalid_argument where CTGRAD_THREADS is no number
  /// from 1 to 1024.
  Team() : Team(runtime::default_threads()) {}

  /// `threads` of them, the asking one included. Throws std::invalid_argument unless these are 1 to 1024, and
  /// std::system_error if the system has no more.
  explicit Team(std::size_t threads) {
    runtime::count_forks();
    if (runtime::require_thread_count(threads, "Team") > 1)
      pool_ = {new runtime::ThreadPool(threads), [](runtime::ThreadPool* pool) { end(pool); }};
  }

  /// The threads, the asking one included.
  std::size_t size() const { return pool_ ? pool_->size() : 1; }

  /// Whether its threads are awake, as they are for some 50 microseconds behind what they did: work of a few
  /// microseconds gains by them only then.
  bool is_awake() const { return pool_ && pool_->is_ours() && pool_->is_awake(); }

  /// task(i) for every i below `count`, shared among the threads; returns when all are made. A thread begins
  /// with calls of its own, the same ones for the same count, so that what these work on stays in its caches.
  /// Tasks compute in the rounding and denormal mode of the asking thread. If some throw, all others are made
  /// all the same; then what the one of the smallest number threw is thrown here. Throws
  /// std::invalid_argument for more than 2^32 - 1 calls.
  template <class Task>
  void for_each(std::size_t count, const Task& task) const {
    if (count > runtime::CallRange::most)
      throw std::invalid_argument("Team: expected at most 4294967295 calls, got " + std::to_string(count));
    const std::shared_ptr<runtime::ThreadPool> pool = pool_;  // which a task may take from this team
    const auto call = [](const void* what, std::size_t i) { (*static_cast<const Task*>(what))(i); };
    if (count > 1 && pool && pool->is_ours() && pool->try_calls(count, call, &task)) return;
    std::exception_ptr failed;
    for (std::size_t i = 0; i < count; ++i) {
      try {
        task(i);
      } catch (...) {
        if (!failed) failed = std::current_exception();
      }
    }
    if (failed) std::rethrow_exception(failed);
  }

  /// task(slice, begin, end) for slices that make up [0, size), one for each thread: whole `unit`s, but for
  /// the last one.
  template <class Task>
  void for_each_slice(std::size_t size, std::size_t unit, const Task& task) const {
    const std::size_t units = (size + unit - 1) / unit, count = this->size();
    const auto bound = [&](std::size_t slice) { return std::min(units * slice / count * unit, size); };
    for_each(count, [&](std::size_t slice) { task(slice, bound(slice), bound(slice + 1)); });
  }

 private:
  /// The threads of a parent process cannot be waited for, nor their memory be freed.
  static void end(runtime::ThreadPool* pool) {
    if (pool->is_ours()) delete pool;
  }

  std::shared_ptr<runtime::ThreadPool> pool_;
};

}  // namespace ctgrad
