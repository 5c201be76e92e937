#pragma once

#include <ctgrad/ops/pointers.hpp>
#include <ctgrad/plan/memory.hpp>
#include <ctgrad/runtime/shared_calls.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace ctgrad::runtime {

/// The threads that share kernel calls of a program, each of which has room of its own for what kernels keep
/// while they run. Copies share the threads, but not the room.
class CallTeam {
 public:
  using Kernel = void (*)(const Pointers&);

  /// Nobody to share with.
  CallTeam() = default;

  /// A Team, whose threads need so many bytes each.
  template <class Team>
  CallTeam(Team team, std::size_t scratch_bytes) : threads_(team.size()) {
    if (threads_ == 1) return;
    team_ = std::make_shared<const Team>(std::move(team));
    for_each_ = [](const void* of, std::size_t count, Call call, const void* task) {
      static_cast<const Team*>(of)->for_each(count, [&](std::size_t i) { call(task, i); });
    };
    lines_ = (scratch_bytes + sizeof(Line) - 1) / sizeof(Line);
    rooms_.resize((threads_ - 1) * lines_);
  }

  CallTeam(const CallTeam& other)
      : threads_(other.threads_),
        team_(other.team_),
        for_each_(other.for_each_),
        lines_(other.lines_),
        rooms_(other.rooms_.size()) {}
  CallTeam(CallTeam&&) noexcept = default;
  CallTeam& operator=(CallTeam other) noexcept {
    std::swap(threads_, other.threads_);
    std::swap(team_, other.team_);
    std::swap(for_each_, other.for_each_);
    std::swap(lines_, other.lines_);
    std::swap(rooms_, other.rooms_);
    return *this;
  }
  ~CallTeam() = default;

  /// The threads, the asking one included.
  std::size_t size() const { return team_ == nullptr ? 1 : threads_; }

  /// Also where it was moved from.
  bool is_alone() const { return team_ == nullptr; }

  /// Makes a kernel call in as many parts as there are threads, or fewer.
  void make(Kernel kernel, const Pointers& pointers, SharedCall shared) {
    const Size count = std::min(shared.parts, static_cast<Size>(threads_));
    Size stage = 0;
    const auto part = [&](std::size_t i) {
      Pointers own = pointers;
      own.part = {static_cast<Size>(i), count, stage};
      if (i > 0 && lines_ > 0) own.scratch = reinterpret_cast<double*>(rooms_.data() + (i - 1) * lines_);
      kernel(own);
    };
    const auto call = [](const void* what, std::size_t i) { (*static_cast<const decltype(part)*>(what))(i); };
    for (; stage < shared.stages; ++stage)
      for_each_(team_.get(), static_cast<std::size_t>(count), call, &part);
  }

 private:
  using Call = void (*)(const void* task, std::size_t number);
  struct alignas(plan::alignment) Line {
    std::byte bytes[plan::alignment];
  };

  std::size_t threads_ = 1;
  std::shared_ptr<const void> team_;
  void (*for_each_)(const void* team, std::size_t count, Call call, const void* task) = nullptr;
  std::size_t lines_ = 0;  ///< of a thread's room
  std::vector<Line> rooms_;
};

}  // namespace ctgrad::runtime
