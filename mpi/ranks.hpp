#pragma once

#include <ctgrad/runtime/ranks.hpp>
#include <ctgrad/runtime/team.hpp>

#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

/// Ranks that MPI connects, of the CMake target ctgrad::mpi. The only header of the library that needs MPI.
namespace ctgrad {

/// The processes of an MPI job. The last copy of its Ranks ends MPI; or the whole job, where an exception is
/// under way that the others have not thrown together with this one: they would wait for it for ever.
class MpiTransport : public Ranks::Transport {
 public:
  /// Of all processes of the job, or of those of a communicator. Begins MPI, unless that has been done.
  /// Errors of MPI end the job with a message of MPI's own.
  explicit MpiTransport(MPI_Comm processes = MPI_COMM_WORLD) : exceptions_(std::uncaught_exceptions()) {
    int was_begun = 0;
    MPI_Initialized(&was_begun);
    begins_ = was_begun == 0;
    int given = 0;
    if (begins_) MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
    MPI_Comm_dup(processes, &ranks_);
    int rank = 0, size = 1;
    MPI_Comm_rank(ranks_, &rank);
    MPI_Comm_size(ranks_, &size);
    rank_ = static_cast<std::size_t>(rank);
    size_ = static_cast<std::size_t>(size);
    requests_.resize(2 * size_);
  }
  MpiTransport(const MpiTransport&) = delete;
  MpiTransport& operator=(const MpiTransport&) = delete;
  ~MpiTransport() override {
    if (size_ > 1 && std::uncaught_exceptions() > exceptions_ && !have_left()) {
      std::fprintf(stderr, "rank %zu: an exception ends it, and with it the job\n", rank_);
      end_job(1);
    }
    MPI_Comm_free(&ranks_);
    if (begins_) MPI_Finalize();
  }

  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }

  void exchange(std::span<const Ranks::Sent> sent, std::span<const Ranks::Received> received) override {
    std::size_t longest = 0;
    for (std::size_t r = 0; r < size_; ++r) {
      if (r != rank_) longest = std::max({longest, sent[r].size, received[r].size});
    }
    // MPI counts in int.
    for (std::size_t begin = 0; begin < longest; begin += most_bytes) exchange(sent, received, begin);
  }

  [[noreturn]] void end_job(int exit_code) final {
    MPI_Abort(ranks_, exit_code);
    std::abort();
  }

  std::size_t least(std::size_t number) override {
    const unsigned long long mine = number;
    unsigned long long least = 0;
    MPI_Allreduce(&mine, &least, 1, MPI_UNSIGNED_LONG_LONG, MPI_MIN, ranks_);
    return least;
  }

 private:
  static constexpr std::size_t most_bytes = std::size_t{1} << 30;

  /// The bytes of a message of `size` bytes from `begin` on, as MPI counts them.
  static int count_of(std::size_t size, std::size_t begin) {
    return begin < size ? static_cast<int>(std::min(size - begin, most_bytes)) : 0;
  }

  /// Exchanges the bytes of each message from `begin` on, up to the most that MPI takes at once. Each rank
  /// begins with its neighbour, so that not all send to the same one.
  void exchange(std::span<const Ranks::Sent> sent, std::span<const Ranks::Received> received,
                std::size_t begin) {
    int count = 0;
    for (std::size_t i = 1; i < size_; ++i) {
      const std::size_t r = (rank_ + size_ - i) % size_;
      const int bytes = count_of(received[r].size, begin);
      if (bytes > 0) {
        MPI_Irecv(received[r].data + begin, bytes, MPI_BYTE, static_cast<int>(r), 0, ranks_,
                  &requests_[static_cast<std::size_t>(count++)]);
      }
    }
    for (std::size_t i = 1; i < size_; ++i) {
      const std::size_t r = (rank_ + i) % size_;
      const int bytes = count_of(sent[r].size, begin);
      if (bytes > 0) {
        MPI_Isend(sent[r].data + begin, bytes, MPI_BYTE, static_cast<int>(r), 0, ranks_,
                  &requests_[static_cast<std::size_t>(count++)]);
      }
    }
    MPI_Waitall(count, requests_.data(), MPI_STATUSES_IGNORE);
  }

  MPI_Comm ranks_ = MPI_COMM_NULL;
  std::size_t rank_ = 0, size_ = 1;
  int exceptions_;  ///< under way when this was made
  bool begins_ = false;
  std::vector<MPI_Request> requests_;
};

/// Whether a launcher of MPI began this process, as one of several or of one.
inline bool is_begun_by_mpi() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "MPI_LOCALNRANKS"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

/// The processes that `mpirun -n 4 ./program` has begun. One that is started without a launcher is alone, and
/// MPI is not begun: that would take longer than many a training. To be called by all of them, once, early in
/// main and before there are other threads.
inline Ranks mpi_ranks() { return is_begun_by_mpi() ? Ranks(std::make_shared<MpiTransport>()) : Ranks(); }

/// The team of a rank: the processors that it may use, but no more than its share of a machine on which there
/// are several; or what CTGRAD_THREADS says. To be called by all ranks, once MPI has begun.
inline Team mpi_team() {
  if (!is_begun_by_mpi() || std::getenv("CTGRAD_THREADS") != nullptr) return Team();
  MPI_Comm neighbours = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &neighbours);
  int size = 1;
  MPI_Comm_size(neighbours, &size);
  MPI_Comm_free(&neighbours);
  const std::size_t share = std::thread::hardware_concurrency() / static_cast<std::size_t>(size);
  return Team(std::max<std::size_t>(std::min(share, runtime::default_threads()), 1));
}

}  // namespace ctgrad
