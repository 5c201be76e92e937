#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <stdexcept>

/// Stopping a training run from outside (POSIX).
namespace ctgrad {

/// While one of these lives, the first SIGINT, SIGTERM or SIGHUP does not end the process but is noted, so
/// that the run can end behind its present step, and write what is to be kept:
///
///     const StopOnSignals stop;
///     const LoopResult run = run_training(options, batches, step, report, after, stop);
///     save_checkpoint(...);
///     if (stop) return stop.exit_code();
///
/// A second one does what it did before: it ends the process at once. What comes within a tenth of a second
/// counts as one, as `timeout` sends a signal to a process and again to its group. A signal that was ignored
/// before stays so (nohup, shells' background jobs). The destructor puts everything back.
class StopOnSignals {
 public:
  /// `one` is for how long signals count as one. Throws std::logic_error if another one of these lives:
  /// signals are the whole process'.
  explicit StopOnSignals(std::chrono::nanoseconds one = std::chrono::milliseconds(100)) {
    if (alive_.exchange(true))
      throw std::logic_error("StopOnSignals: expected one at a time, got a second one");
    received_ = 0;
    one_ = one.count();
    struct sigaction noting {};
    noting.sa_handler = note;
    noting.sa_flags = SA_RESTART;  // no read or write is cut short
    ::sigfillset(&noting.sa_mask);
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], nullptr, &before_[i]);
    for (std::size_t i = 0; i < signals.size(); ++i) {
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(signals[i], &noting, nullptr);
    }
  }
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;
  ~StopOnSignals() {
    restore();
    alive_ = false;
  }

  /// Whether a signal has come: as a function without arguments it is what run_training asks.
  explicit operator bool() const { return received_ != 0; }
  bool operator()() const { return received_ != 0; }

  /// Says that one came, as when it came to another process of the same run.
  void note_signal(int signal) const {
    int none = 0;
    received_.compare_exchange_strong(none, signal);
  }

  /// The signal that came, 0 for none; as a name, "SIGINT"; as an exit code in a shell's manner, 128 +
  /// signal, 0 for none.
  int signal() const { return received_; }
  const char* name() const {
    const int came = received_;
    return came == SIGINT ? "SIGINT" : came == SIGTERM ? "SIGTERM" : came == SIGHUP ? "SIGHUP" : "none";
  }
  int exit_code() const { return received_ == 0 ? 0 : 128 + received_; }

 private:
  static constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGHUP};

  /// Calls nothing that a handler may not call.
  static void note(int signal) {
    const int error = errno;
    if (received_ == 0) {
      first_ = now();
      received_ = signal;
    } else if (now() - first_ >= one_) {
      restore();
      static_cast<void>(::raise(signal));
    }
    errno = error;
  }

  /// Nanoseconds of a clock that only goes forward.
  static std::int64_t now() {
    ::timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{1000000000} * time.tv_sec + time.tv_nsec;
  }

  static void restore() {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }

  static inline std::atomic<int> received_ = 0;
  static inline std::atomic<std::int64_t> first_ = 0, one_ = 0;
  static inline std::atomic<bool> alive_ = false;
  static inline std::array<struct sigaction, signals.size()> before_{};
  static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free,
                "or a handler could not use them");
};

}  // namespace ctgrad
