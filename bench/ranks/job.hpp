#pragma once

#include <ctgrad/mpi/ranks.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace bench {

/// Another transport that counts what this rank sends.
class CountingTransport : public ctgrad::Ranks::Transport {
 public:
  explicit CountingTransport(std::unique_ptr<ctgrad::Ranks::Transport> under) : under_(std::move(under)) {}

  std::size_t rank() const override { return under_->rank(); }
  std::size_t size() const override { return under_->size(); }
  void exchange(std::span<const ctgrad::Ranks::Sent> sent, std::span<const ctgrad::Ranks::Received> received,
                ctgrad::RankCall call) override {
    for (std::size_t r = 0; r < size(); ++r) bytes_ += r == rank() ? 0 : sent[r].size;
    under_->exchange(sent, received, call);
  }
  void least(std::span<std::uint64_t> numbers, ctgrad::RankCall call) override {
    under_->least(numbers, call);
  }
  [[noreturn]] void end_job(int exit_code) override {
    under_->end_job(exit_code);
    std::abort();
  }

  std::size_t bytes() const { return bytes_; }

 private:
  std::unique_ptr<ctgrad::Ranks::Transport> under_;
  std::size_t bytes_ = 0;
};

/// The first ranks of a job, so many of them, that work while the others sleep.
struct Group {
  std::size_t size;
  std::shared_ptr<CountingTransport> transport;  ///< null at the ranks that sleep
};

/// What a rank of a configuration takes, in seconds and bytes; what is measured is the same at all.
struct RankTimes {
  std::size_t shards = 0;
  std::size_t parameter_bytes = 0;
  std::vector<double> seconds;  ///< medians of a step, by groups
  std::vector<double> ratios;   ///< the medians of the first group's time by the other's, sample by sample
  std::vector<double> bytes;    ///< that the first rank sends in a step, on average
};

/// Waits for all ranks of the job, and takes no processor meanwhile.
void sleep_until_all_come();

RankTimes time_ranks_small(const std::vector<Group>& groups, std::size_t samples);
RankTimes time_ranks_base(const std::vector<Group>& groups, std::size_t samples);

}  // namespace bench
