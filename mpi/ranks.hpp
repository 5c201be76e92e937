#pragma once

#include <ctgrad/runtime/ranks.hpp>
#include <ctgrad/runtime/team.hpp>

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>

/// Ranks that MPI connects, of the CMake target ctgrad::mpi. The only header of the library that needs MPI.
namespace ctgrad {

/// The processes of an MPI job. The last copy of its Ranks waits for those of the other processes, and ends
/// MPI. Where others wait for this one in a call meanwhile, since it has caught an exception of its own, say,
/// or taken a step less, it ends the whole job, as it does where an exception is under way that the others
/// have not thrown together with this one: they would wait for ever. So do ranks that make different calls.
class MpiTransport : public Ranks::Transport {
 public:
  /// Of all processes of the job, or of those of a communicator. Begins MPI, unless that has been done.
  /// Errors of MPI end the job with MPI's own words.
  explicit MpiTransport(MPI_Comm processes = MPI_COMM_WORLD) : exceptions_(std::uncaught_exceptions()) {
    int was_begun = 0;
    MPI_Initialized(&was_begun);
    begins_ = was_begun == 0;
    int given = 0;
    if (begins_) MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
    MPI_Comm_dup(processes, &ranks_);
    MPI_Comm_set_errhandler(ranks_, MPI_ERRORS_RETURN);
    int rank = 0, size = 1;
    MPI_Comm_rank(ranks_, &rank);
    MPI_Comm_size(ranks_, &size);
    rank_ = static_cast<std::size_t>(rank);
    size_ = static_cast<std::size_t>(size);
    messages_.resize(2 * size_);
    requests_.resize(2 * size_, MPI_REQUEST_NULL);
    statuses_.resize(2 * size_);
    done_.resize(2 * size_);
  }
  MpiTransport(const MpiTransport&) = delete;
  MpiTransport& operator=(const MpiTransport&) = delete;
  ~MpiTransport() override {
    if (size_ > 1 && std::uncaught_exceptions() > exceptions_ && !have_left())
      fail("rank " + std::to_string(rank_) + ": an exception ends it, and with it the job");
    int was_ended = 0;
    MPI_Finalized(&was_ended);
    if (was_ended != 0) return;
    say_farewell();
    MPI_Comm_free(&ranks_);
    if (begins_) MPI_Finalize();
  }

  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }

  void exchange(std::span<const Ranks::Sent> sent, std::span<const Ranks::Received> received,
                RankCall call) override {
    std::size_t longest = 0;
    for (std::size_t r = 0; r < size_; ++r) {
      if (r != rank_) longest = std::max({longest, sent[r].size, received[r].size});
    }
    // MPI counts in int.
    for (std::size_t begin = 0; begin < longest; begin += most_bytes) exchange(sent, received, begin, call);
  }

  /// In as many rounds as the number of ranks has bits: in round k each tells the rank 2^k behind it what it
  /// knows.
  void least(std::span<std::uint64_t> numbers, RankCall call) override {
    std::array<std::uint64_t, 4> others;
    if (numbers.size() > others.size())
      throw std::invalid_argument("MpiTransport: expected at most 4 numbers, got " +
                                  std::to_string(numbers.size()));
    for (std::size_t behind = 1; behind < size_; behind *= 2) {
      receive(others.data(), numbers.size_bytes(), (rank_ + size_ - behind) % size_);
      send(numbers.data(), numbers.size_bytes(), (rank_ + behind) % size_, call);
      wait(call);
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::min(numbers[i], others[i]);
    }
  }

  [[noreturn]] void end_job(int exit_code) final {
    MPI_Abort(ranks_, exit_code);
    std::abort();
  }

 private:
  static constexpr std::size_t most_bytes = std::size_t{1} << 30;

  /// The bytes of a message of `size` bytes from `begin` on that MPI takes at once.
  static std::size_t piece(std::size_t size, std::size_t begin) {
    return begin < size ? std::min(size - begin, most_bytes) : 0;
  }

  /// Exchanges the bytes of each message from `begin` on, up to the most that MPI takes at once. Each rank
  /// begins with its neighbour, so that not all send to the same one.
  void exchange(std::span<const Ranks::Sent> sent, std::span<const Ranks::Received> received,
                std::size_t begin, RankCall call) {
    for (std::size_t i = 1; i < size_; ++i) {
      const std::size_t r = (rank_ + size_ - i) % size_, bytes = piece(received[r].size, begin);
      if (bytes > 0) receive(received[r].data + begin, bytes, r);
    }
    for (std::size_t i = 1; i < size_; ++i) {
      const std::size_t r = (rank_ + i) % size_, bytes = piece(sent[r].size, begin);
      if (bytes > 0) send(sent[r].data + begin, bytes, r, call);
    }
    wait(call);
  }

  /// Every rank tells every other one that it ends.
  void say_farewell() {
    for (std::size_t r = 0; r < size_; ++r) {
      if (r != rank_) receive(nullptr, 0, r);
    }
    for (std::size_t r = 0; r < size_; ++r) {
      if (r != rank_) send(nullptr, 0, r, RankCall::end);
    }
    wait(RankCall::end);
  }

  /// A message that is under way: from a rank, or to one.
  struct Message {
    std::size_t rank;
    std::size_t size;
    bool is_received;
  };

  /// Begins to receive a message. Whatever comes next from that rank is taken: `wait` sees which call it is
  /// of.
  void receive(void* data, std::size_t size, std::size_t from) {
    messages_[count_] = {from, size, true};
    require(MPI_Irecv(data, static_cast<int>(size), MPI_BYTE, static_cast<int>(from), MPI_ANY_TAG, ranks_,
                      &requests_[count_]));
    ++count_;
  }
  void send(const void* data, std::size_t size, std::size_t to, RankCall call) {
    messages_[count_] = {to, size, false};
    require(MPI_Isend(data, static_cast<int>(size), MPI_BYTE, static_cast<int>(to), static_cast<int>(call),
                      ranks_, &requests_[count_]));
    ++count_;
  }

  /// Waits for all messages that have begun, and looks at each once it is there.
  void wait(RankCall call) {
    const int count = static_cast<int>(std::exchange(count_, 0));
    int done = 0;
    while (true) {
      const int error = MPI_Waitsome(count, requests_.data(), &done, done_.data(), statuses_.data());
      if (error != MPI_ERR_IN_STATUS) require(error);
      if (done == MPI_UNDEFINED) return;
      for (std::size_t i = 0; i < static_cast<std::size_t>(done); ++i)
        check(messages_[static_cast<std::size_t>(done_[i])], statuses_[i],
              error == MPI_ERR_IN_STATUS ? statuses_[i].MPI_ERROR : MPI_SUCCESS, call);
    }
  }

  void check(const Message& message, const MPI_Status& status, int error, RankCall call) {
    if (message.is_received && status.MPI_TAG != static_cast<int>(call))
      fail(different_calls(message.rank, static_cast<RankCall>(status.MPI_TAG), rank_, call));
    int kind = MPI_SUCCESS, bytes = 0;
    MPI_Error_class(error, &kind);
    if (kind != MPI_ERR_TRUNCATE) require(error);
    if (message.is_received) MPI_Get_count(&status, MPI_BYTE, &bytes);
    if (kind == MPI_ERR_TRUNCATE || (message.is_received && static_cast<std::size_t>(bytes) != message.size))
      fail(different_sizes(call, message.rank, kind == MPI_ERR_TRUNCATE ? "more" : std::to_string(bytes),
                           rank_, message.size));
  }

  /// Ends the job where MPI has failed.
  void require(int error) {
    if (error == MPI_SUCCESS) return;
    std::array<char, MPI_MAX_ERROR_STRING> words{};
    int length = 0;
    MPI_Error_string(error, words.data(), &length);
    fail("rank " + std::to_string(rank_) + ": MPI: " + words.data());
  }

  [[noreturn, gnu::cold]] void fail(const std::string& words) {
    std::fprintf(stderr, "%s; the job ends\n", words.c_str());
    end_job(1);
  }

  MPI_Comm ranks_ = MPI_COMM_NULL;
  std::size_t rank_ = 0, size_ = 1;
  int exceptions_;  ///< under way when this was made
  bool begins_ = false;
  std::size_t count_ = 0;  ///< of the messages that are under way
  std::vector<Message> messages_;
  std::vector<MPI_Request> requests_;
  std::vector<MPI_Status> statuses_;
  std::vector<int> done_;
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
