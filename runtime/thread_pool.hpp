#pragma once

#include <ctgrad/runtime/float_mode.hpp>
#include <ctgrad/runtime/processors.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#ifdef __unix__
#include <pthread.h>
#endif

/// How the threads of a team share calls.
namespace ctgrad::runtime {

/// Makes the processor wait for a moment, without giving it to another thread.
inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// How often this process came out of a fork: a child has none of its parent's threads.
inline std::atomic<unsigned> forks{0};

/// Has forks counted from now on.
inline void count_forks() {
#ifdef __unix__
  static const int registered = pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1); });
  static_cast<void>(registered);
#endif
}

/// Numbers of calls to be made, [begin, end), that threads take one by one: the owner from the front, others
/// from the back. In a cache line of its own.
class alignas(64) CallRange {
 public:
  static constexpr std::size_t most = 0xffffffff;  ///< calls

  void set(std::size_t begin, std::size_t end) { bounds_.store(pair(begin, end), std::memory_order_release); }

  bool take_first(std::size_t& taken) {
    return take([&](std::uint64_t begin, std::uint64_t end) { return taken = begin, pair(begin + 1, end); });
  }
  bool take_last(std::size_t& taken) {
    return take(
        [&](std::uint64_t begin, std::uint64_t end) { return taken = end - 1, pair(begin, end - 1); });
  }

 private:
  static constexpr std::uint64_t pair(std::uint64_t begin, std::uint64_t end) { return begin << 32 | end; }

  template <class Rest>
  bool take(const Rest& rest) {
    std::uint64_t bounds = bounds_.load(std::memory_order_acquire);
    for (;;) {
      const std::uint64_t begin = bounds >> 32, end = bounds & 0xffffffff;
      if (begin >= end) return false;
      if (bounds_.compare_exchange_weak(bounds, rest(begin, end), std::memory_order_acq_rel,
                                        std::memory_order_acquire))
        return true;
    }
  }

  std::atomic<std::uint64_t> bounds_{0};
};

/// The threads of a team, and the calls that they share.
///
/// Who has taken a call keeps whoever asked for it waiting, so what was asked for is there until the call is
/// made; a thread that wakes too late finds nothing to take. Nobody waits for it.
class ThreadPool {
 public:
  using Call = void (*)(const void* task, std::size_t number);

  explicit ThreadPool(std::size_t size) : ranges_(size), born_(forks.load()) {
    spins_ = size <= usable_processors() ? 2000 : 0;
    threads_.reserve(size - 1);
    try {
      for (std::size_t i = 1; i < size; ++i) threads_.emplace_back([this, i] { serve(i); });
    } catch (...) {
      end();
      throw;
    }
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { end(); }

  std::size_t size() const { return ranges_.size(); }

  /// Whether it was made by this process, not by one that this one was forked from.
  bool is_ours() const { return born_ == forks.load(std::memory_order_relaxed); }

  /// Whether all threads look for calls just now, so that they begin at once.
  bool is_awake() const { return spins_ > 0 && asleep_.load(std::memory_order_relaxed) == 0; }

  /// Makes the calls with numbers below `count`; false if somebody else keeps the threads busy.
  bool try_calls(std::size_t count, Call call, const void* task) {
    if (busy_.exchange(true, std::memory_order_acquire)) return false;
    call_ = call;
    task_ = task;
    mode_ = FloatMode::of_this_thread();
    failed_ = nullptr;
    left_.store(count, std::memory_order_relaxed);
    for (std::size_t i = 0; i < size(); ++i) ranges_[i].set(count * i / size(), count * (i + 1) / size());
    wake();
    work(0);
    wait_for_others();
    const std::exception_ptr failed = std::move(failed_);
    busy_.store(false, std::memory_order_release);
    if (failed) std::rethrow_exception(failed);
    return true;
  }

 private:
  void wake() {
    bool asleep = false;
    {
      const std::lock_guard lock(mutex_);
      round_.fetch_add(1, std::memory_order_release);
      asleep = asleep_.load(std::memory_order_relaxed) > 0;
    }
    if (asleep) woken_.notify_all();
  }

  /// The life of thread `own`.
  void serve(std::size_t own) {
    std::uint64_t seen = 0;
    while (wait_for_round(seen)) work(own);
  }

  /// Waits for a round after `seen`, at first without sleeping; false when the team ends.
  bool wait_for_round(std::uint64_t& seen) {
    for (int i = 0; i < spins_; ++i) {
      const std::uint64_t round = round_.load(std::memory_order_acquire);
      if (round != seen) return seen = round, round != last_round;
      pause_briefly();
    }
    std::unique_lock lock(mutex_);
    asleep_.fetch_add(1, std::memory_order_relaxed);
    woken_.wait(lock, [&] { return round_.load(std::memory_order_relaxed) != seen; });
    asleep_.fetch_sub(1, std::memory_order_relaxed);
    seen = round_.load(std::memory_order_relaxed);
    return seen != last_round;
  }

  /// Makes calls until all are taken: its own first, then those that others have not come to.
  void work(std::size_t own) {
    std::size_t number = 0;
    while (ranges_[own].take_first(number)) make(number);
    for (std::size_t i = 1; i < size(); ++i) {
      while (ranges_[(own + i) % size()].take_last(number)) make(number);
    }
  }

  void make(std::size_t number) {
    mode_.take_on();
    try {
      call_(task_, number);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_ || number < failed_number_) {
        failed_ = std::current_exception();
        failed_number_ = number;
      }
    }
    if (left_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    const std::lock_guard lock(mutex_);
    if (waits_) done_.notify_one();
  }

  void wait_for_others() {
    for (int i = 0; i < spins_; ++i) {
      if (left_.load(std::memory_order_acquire) == 0) return;
      pause_briefly();
    }
    std::unique_lock lock(mutex_);
    waits_ = true;
    done_.wait(lock, [&] { return left_.load(std::memory_order_acquire) == 0; });
    waits_ = false;
  }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      round_.store(last_round);
    }
    woken_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  static constexpr std::uint64_t last_round = ~std::uint64_t{0};

  std::vector<CallRange> ranges_;  ///< of each thread; whoever asks is the first
  std::vector<std::thread> threads_;
  unsigned born_;  ///< after so many forks
  int spins_ = 0;  ///< pauses before a thread that waits goes to sleep
  Call call_ = nullptr;
  const void* task_ = nullptr;
  FloatMode mode_;  ///< of whoever asks
  std::atomic<bool> busy_{false};
  alignas(64) std::atomic<std::uint64_t> round_{0};
  alignas(64) std::atomic<std::size_t> left_{0};  ///< calls that are not made yet
  std::mutex mutex_;
  std::condition_variable woken_, done_;
  std::atomic<int> asleep_{0};  ///< changed under the mutex
  bool waits_ = false;
  std::exception_ptr failed_;
  std::size_t failed_number_ = 0;
};

}  // namespace ctgrad::runtime
