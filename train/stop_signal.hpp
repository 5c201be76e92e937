#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
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
/// From the first one on, signals do what they did before: a second one ends the process at once. A signal
/// that was ignored before stays so (nohup, shells' background jobs). The destructor puts everything back.
class StopOnSignals {
 public:
  /// Throws std::logic_error if another one lives: signals are the whole process'.
  StopOnSignals() {
    if (alive_.exchange(true))
      throw std::logic_error("StopOnSignals: expected one at a time, got a second one");
    received_ = 0;
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
    received_ = signal;
    restore();
    errno = error;
  }

  static void restore() {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }

  static inline std::atomic<int> received_ = 0;
  static inline std::atomic<bool> alive_ = false;
  static inline std::array<struct sigaction, signals.size()> before_{};
  static_assert(std::atomic<int>::is_always_lock_free, "or a handler could not write it");
};

}  // namespace ctgrad
