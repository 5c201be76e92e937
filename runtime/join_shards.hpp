#pragma once

#include <ctgrad/kernels/shard_sum.hpp>
#include <ctgrad/runtime/outputs.hpp>
#include <ctgrad/runtime/shards.hpp>
#include <ctgrad/runtime/team.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

/// The results of the shards of a batch as one.
namespace ctgrad::runtime {

/// Some parts, as a constant.
template <std::size_t Most>
struct JoinedParts {
  std::array<JoinedPart, Most> parts{};
  std::size_t count = 0;

  constexpr void push_back(const JoinedPart& part) { parts[count++] = part; }
};

/// How many there are.
struct PartCount {
  std::size_t count = 0;

  constexpr void push_back(const JoinedPart&) { ++count; }
};

/// The parts of joined results of so many shards, and where each begins in their memory, in bytes.
struct JoinPlan {
  std::span<const JoinedPart> parts;
  std::span<const Size> begins;
  std::size_t shards = 1;
};

/// What machines of any program have computed.
class ShardOutputs {
 public:
  /// The machines must outlive this object.
  template <class Machine, std::size_t Shards>
  explicit ShardOutputs(const std::array<const Machine*, Shards>& machines)
      : machines_(&machines), output_([](const void* all, std::size_t shard, std::size_t output) {
          return (*static_cast<const std::array<const Machine*, Shards>*>(all))[shard]->output(output);
        }) {}

  /// An output of a shard's machine.
  const std::byte* operator()(std::size_t shard, std::size_t output) const {
    return output_(machines_, shard, output);
  }

 private:
  const void* machines_;
  const std::byte* (*output_)(const void* machines, std::size_t shard, std::size_t output);
};

/// Joins the results of `Shards` machines whose results are of the type `Result`.
template <class Scalar, class Machine, class Result, Size Samples, std::size_t Shards>
class ShardJoin {
  using Sharding = ShardedResult<Scalar, Result, Samples, Shards>;

 public:
  using Joined = typename Sharding::Joined;
  using Machines = std::array<const Machine*, Shards>;

  static constexpr auto all = [] {
    constexpr std::size_t count = [] {
      PartCount parts;
      Sharding::parts(parts, 0);
      return parts.count;
    }();
    JoinedParts<count> list;
    Sharding::parts(list, 0);
    return list;
  }();

  /// Where each part begins in joined memory, in bytes, and behind them the end of all.
  static constexpr auto begins = [] {
    std::array<Size, all.count + 1> begins{};
    for (std::size_t i = 0; i < all.count; ++i) {
      const Size copies = all.parts[i].joining == Joining::behind ? static_cast<Size>(Shards) : 1;
      begins[i + 1] = begins[i] + plan::aligned(all.parts[i].bytes * copies);
    }
    return begins;
  }();
  static constexpr Size bytes = begins[all.count];
  static constexpr JoinPlan plan{all.parts, begins, Shards};

  /// Reads joined memory as a machine's results.
  struct Outputs {
    const SharedArena& memory;

    /// The part whose first array is number `leaf` of the joined result.
    const std::byte* output(std::size_t leaf) const {
      for (std::size_t i = 0; i < all.count; ++i) {
        if (leaf_of(all.parts[i]) == leaf) return memory.data() + begins[i];
      }
      return nullptr;  // of no array that is read
    }
    const SharedArena& results() const { return memory; }
  };

  /// Joins what the machines' last runs computed.
  static void join(const Team& team, const Machines& machines, std::byte* to) {
    const bool shares = bytes >= few_bytes && (read_bytes >= many_bytes || team.is_awake());
    const std::size_t threads = shares ? team.size() : 1;
    team.for_each(threads, [&](std::size_t slice) {
      for (std::size_t i = 0; i < all.count; ++i) {
        if (all.parts[i].joining == Joining::behind) {
          for (std::size_t s = slice; s < Shards; s += threads) append(i, s, machines, to);
        } else {
          sum_up(i, slice, threads, machines, to);
        }
      }
    });
  }

 private:
  /// Below them threads would only wait for each other; and below the second, be woken for too little.
  static constexpr Size few_bytes = 1 << 14, many_bytes = 1 << 20;
  static constexpr Size read_bytes = bytes * static_cast<Size>(Shards);
  /// Threads begin at cache lines of their own.
  static constexpr Size line = plan::alignment / scalar_size<Scalar>;

  /// The weight is no array of the joined result.
  static constexpr std::size_t leaf_of(const JoinedPart& part) {
    return part.weight != 0 && part.output > part.weight ? part.output - 1 : part.output;
  }

  static const Scalar* numbers(const Machine& machine, std::size_t output) {
    return reinterpret_cast<const Scalar*>(machine.output(output));
  }

  static void append(std::size_t i, std::size_t shard, const Machines& machines, std::byte* to) {
    const auto count = static_cast<std::size_t>(all.parts[i].bytes);
    std::memcpy(to + begins[i] + static_cast<Size>(shard * count),
                machines[shard]->output(all.parts[i].output), count);
  }

  static Scalar total_weight(const JoinedPart& part, const Machines& machines) {
    return kernels::sum_along_tree<0, Shards>(
        [&](std::size_t s) { return *numbers(*machines[s], part.weight); });
  }

  static void sum_up(std::size_t i, std::size_t slice, std::size_t slices, const Machines& machines,
                     std::byte* to) {
    const JoinedPart& part = all.parts[i];
    const Size count = part.bytes / scalar_size<Scalar>;
    if (count == 0) return;
    const Size lines = (count + line - 1) / line;
    const auto bound = [&](std::size_t at) {
      return std::min(lines * static_cast<Size>(at) / static_cast<Size>(slices) * line, count);
    };
    const Scalar* shards[Shards];
    for (std::size_t s = 0; s < Shards; ++s) shards[s] = numbers(*machines[s], part.output);
    auto* sums = reinterpret_cast<Scalar*>(to + begins[i]);
    const Size begin = bound(slice), end = bound(slice + 1);
    if (part.joining == Joining::mean) {
      kernels::sum_of_shards<Shards, false>(sums, shards, Scalar{1} / static_cast<Scalar>(Shards), begin,
                                            end);
    } else if (const Scalar weight = total_weight(part, machines); weight != 0) {
      kernels::sum_of_shards<Shards, true>(sums, shards, weight, begin, end);
    } else {
      std::fill(sums + begin, sums + end, Scalar{0});
    }
  }
};

}  // namespace ctgrad::runtime
