#pragma once

#include <ctgrad/runtime/shared_arena.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

/// Where the runs of a program compute, and who may run it.
namespace ctgrad::runtime {

/// Inputs of a run: where each begins, and how many bytes it has.
struct InputBytes {
  const void* const* begins;
  const std::size_t* sizes;
  std::size_t count;

  /// Whether one of them lies, or a part of it, in [memory, memory + bytes).
  bool overlap(const std::byte* memory, std::size_t bytes) const {
    const auto begin = reinterpret_cast<std::uintptr_t>(memory);
    for (std::size_t i = 0; i < count; ++i) {
      const auto input = reinterpret_cast<std::uintptr_t>(begins[i]);
      if (input < begin + bytes && begin < input + sizes[i]) return true;
    }
    return false;
  }
};

/// The arenas of a program, one of which holds what its last run computed. A run computes in an arena that no
/// result is held of and no input lies in, mostly that of the run before:
///
///     p(x); p(x);          both runs in arena 1: nothing holds the first result
///     y = p(x); z = p(y);  the second run in arena 2, which is made now; y and z keep their numbers
///     y = p(z);            in arena 1 again
///
/// So a result that is held never changes, and recurrences allocate nothing once they have gone round.
class RunMemory {
 public:
  explicit RunMemory(std::size_t bytes) : bytes_(bytes), arenas_(1, SharedArena(bytes)) {}

  /// Has runs to come compute in arenas of so many bytes at least; what the last run computed stays.
  void grow(std::size_t bytes) { bytes_ = std::max(bytes_, bytes); }
  std::size_t bytes() const { return bytes_; }

  /// The copy has memory of its own, with what the last run computed.
  RunMemory(const RunMemory& other) : bytes_(other.bytes_) {
    const Look look(other);
    if (other.arenas_.empty()) return;
    arenas_.emplace_back(bytes_);
    std::memcpy(arenas_[0].data(), other.last().data(), std::min(bytes_, other.last().size()));
  }
  /// What was moved from has no result, and gets memory again by a run.
  RunMemory(RunMemory&& other) noexcept
      : bytes_(other.bytes_), arenas_(std::move(other.arenas_)), last_(std::exchange(other.last_, 0)) {
    other.arenas_.clear();
  }
  RunMemory& operator=(RunMemory other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(arenas_, other.arenas_);
    std::swap(last_, other.last_);
    return *this;
  }
  ~RunMemory() = default;

  /// The right to run, until it is destroyed. Throws std::logic_error if another thread runs the program, or
  /// looks at its results just now.
  class [[nodiscard]] Turn {
   public:
    explicit Turn(const RunMemory& memory) : users_(memory.users_) {
      int nobody = 0;
      if (!users_.compare_exchange_strong(nobody, -1, std::memory_order_acquire, std::memory_order_relaxed))
        refuse();
    }
    ~Turn() { users_.store(0, std::memory_order_release); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    std::atomic<int>& users_;
  };

  /// The right to look at the last run, which several threads may have at once. Throws std::logic_error if
  /// another thread runs the program.
  class [[nodiscard]] Look {
   public:
    explicit Look(const RunMemory& memory) : users_(memory.users_) {
      int users = users_.load(std::memory_order_relaxed);
      do {
        if (users < 0) refuse();
      } while (!users_.compare_exchange_weak(users, users + 1, std::memory_order_acquire,
                                             std::memory_order_relaxed));
    }
    ~Look() { users_.fetch_sub(1, std::memory_order_release); }
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;

   private:
    std::atomic<int>& users_;
  };

  /// What the last run computed. Throws std::logic_error if the program was moved from.
  const SharedArena& last() const {
    if (arenas_.empty())
      throw std::logic_error("the program was moved from and has no result: run it, or assign to it");
    return arenas_[last_];
  }

  /// The number of an arena to compute in; calls initialize(memory) for one that is new.
  template <class Initialize>
  std::size_t take(const InputBytes& inputs, const Initialize& initialize) {
    for (std::size_t i = 0; i < arenas_.size(); ++i) {
      const std::size_t arena = last_ + i < arenas_.size() ? last_ + i : last_ + i - arenas_.size();
      if (arenas_[arena].is_unique() && arenas_[arena].size() >= bytes_ &&
          !inputs.overlap(arenas_[arena].data(), arenas_[arena].size()))
        return arena;
    }
    SharedArena fresh(bytes_);
    initialize(fresh.data());
    return add(std::move(fresh), inputs);
  }

  std::byte* operator[](std::size_t arena) const { return arenas_[arena].data(); }

  /// Says that a run is done, whose results lie there.
  void finish(std::size_t arena) { last_ = arena; }

 private:
  [[noreturn]] static void refuse() {
    throw std::logic_error(
        "the program is already running in another thread: give every thread a Program of its own");
  }

  static constexpr std::size_t most = 4;  ///< arenas that are kept for runs to come, unless inputs lie there

  /// Takes the place of one that is too small, or where there are enough, of one that results keep alive.
  std::size_t add(SharedArena fresh, const InputBytes& inputs) {
    for (std::size_t i = 0; i < arenas_.size(); ++i) {
      const std::size_t size = arenas_[i].size();
      if (i == last_ || size >= bytes_ || inputs.overlap(arenas_[i].data(), size)) continue;
      arenas_[i] = std::move(fresh);
      return i;
    }
    for (std::size_t i = 0; arenas_.size() >= most && i < arenas_.size(); ++i) {
      if (i == last_ || arenas_[i].is_unique()) continue;
      arenas_[i] = std::move(fresh);
      return i;
    }
    arenas_.push_back(std::move(fresh));
    return arenas_.size() - 1;
  }

  std::size_t bytes_;
  std::vector<SharedArena> arenas_;
  std::size_t last_ = 0;
  mutable std::atomic<int> users_{0};  ///< threads that look at the last run, or -1 where one runs
};

}  // namespace ctgrad::runtime
