#pragma once

#include <ctgrad/runtime/ranks.hpp>

#include <barrier>
#include <cstring>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

/// Ranks that are threads of one process, for tests of what ranks compute.
namespace ctgrad::test {

/// What the threads share.
struct ThreadJob {
  explicit ThreadJob(std::size_t size)
      : barrier(static_cast<std::ptrdiff_t>(size)), sent(size), numbers(size) {}

  std::barrier<> barrier;
  std::vector<std::span<const Ranks::Sent>> sent;
  std::vector<std::size_t> numbers;
};

class ThreadTransport : public Ranks::Transport {
 public:
  ThreadTransport(ThreadJob& job, std::size_t rank) : job_(job), rank_(rank) {}

  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return job_.sent.size(); }

  void exchange(std::span<const Ranks::Sent> sent, std::span<const Ranks::Received> received) override {
    job_.sent[rank_] = sent;
    job_.barrier.arrive_and_wait();
    for (std::size_t r = 0; r < size(); ++r) {
      if (r == rank_) continue;
      const Ranks::Sent& from = job_.sent[r][rank_];
      if (from.size != received[r].size) std::terminate();  // the others would wait for ever
      if (from.size > 0) std::memcpy(received[r].data, from.data, from.size);
      bytes += from.size;
    }
    job_.barrier.arrive_and_wait();
  }

  std::size_t least(std::size_t number) override {
    job_.numbers[rank_] = number;
    job_.barrier.arrive_and_wait();
    for (const std::size_t other : job_.numbers) number = std::min(number, other);
    job_.barrier.arrive_and_wait();
    return number;
  }

  [[noreturn]] void end_job(int) override { std::terminate(); }

  std::size_t bytes = 0;  ///< received so far

 private:
  ThreadJob& job_;
  std::size_t rank_;
};

/// task(ranks, transport) in as many threads as there are to be ranks; returns when all are done. Tasks let
/// no exception out.
template <class Task>
void run_ranks(std::size_t size, const Task& task) {
  ThreadJob job(size);
  std::vector<std::thread> threads;
  for (std::size_t r = 0; r < size; ++r) {
    threads.emplace_back([&, r] {
      const auto transport = std::make_shared<ThreadTransport>(job, r);
      task(Ranks(transport), *transport);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace ctgrad::test
