#pragma once

#include <ctgrad/runtime/ranks.hpp>

#include <algorithm>
#include <barrier>
#include <cstdio>
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
      : barrier(static_cast<std::ptrdiff_t>(size)), sent(size), numbers(size), calls(size) {}

  std::barrier<> barrier;
  std::vector<std::span<const Ranks::Sent>> sent;
  std::vector<std::span<std::uint64_t>> numbers;
  std::vector<RankCall> calls;
};

class ThreadTransport : public Ranks::Transport {
 public:
  ThreadTransport(ThreadJob& job, std::size_t rank) : job_(job), rank_(rank) {}

  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return job_.sent.size(); }

  void exchange(std::span<const Ranks::Sent> sent, std::span<const Ranks::Received> received,
                RankCall call) override {
    job_.sent[rank_] = sent;
    meet(call);
    for (std::size_t r = 0; r < size(); ++r) {
      if (r == rank_) continue;
      const Ranks::Sent& from = job_.sent[r][rank_];
      if (from.size != received[r].size)
        fail(different_sizes(call, r, std::to_string(from.size), rank_, received[r].size));
      if (from.size > 0) std::memcpy(received[r].data, from.data, from.size);
      bytes += from.size;
    }
    job_.barrier.arrive_and_wait();
  }

  void least(std::span<std::uint64_t> numbers, RankCall call) override {
    job_.numbers[rank_] = numbers;
    meet(call);
    std::vector<std::uint64_t> all(numbers.begin(), numbers.end());
    for (const std::span<std::uint64_t> others : job_.numbers) {
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::min(all[i], others[i]);
    }
    job_.barrier.arrive_and_wait();
    std::ranges::copy(all, numbers.begin());
  }

  [[noreturn]] void end_job(int) override { std::terminate(); }  // the others would wait for ever

  std::size_t bytes = 0;  ///< received so far

 private:
  /// Waits for all ranks to make this call.
  void meet(RankCall call) {
    job_.calls[rank_] = call;
    job_.barrier.arrive_and_wait();
    for (std::size_t r = 0; r < size(); ++r) {
      if (job_.calls[r] != call) fail(different_calls(r, job_.calls[r], rank_, call));
    }
  }

  [[noreturn]] void fail(const std::string& words) {
    std::fprintf(stderr, "%s\n", words.c_str());
    std::terminate();
  }

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
