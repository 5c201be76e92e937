#pragma once

#include <ctgrad/plan/bf16_storage.hpp>
#include <ctgrad/plan/groups.hpp>
#include <ctgrad/plan/kernel_call.hpp>
#include <ctgrad/plan/memory.hpp>

/// Where the values of a plan lie in the arena.
///
///     | outputs, in their order | constants | buffers, which share memory | scratch |
namespace ctgrad::plan {

/// Gives every value that a plan's calls write its location. A result lies where an operand lay that no later
/// call needs, if the call may overwrite it:
///
///     y = x + 1          y takes the memory of x
///     y = x + matmul(a, b)  the call adds the product to x, which then is y (KernelCall::accumulates)
class Placement {
 public:
  /// `bf16_counts` are what Bf16Finder finds, or null where nothing is stored so.
  constexpr Placement(const Graph& graph, const StorageMap& storage, Size scalar, const Size* bf16_counts)
      : graph_(graph),
        storage_(storage),
        scalar_(scalar),
        bf16_counts_(bf16_counts),
        locations_(graph.size()),
        placed_(graph.size()),
        buffer_of_(graph.size()) {
    std::int32_t* buffers = buffer_of_.data();
    const std::int32_t count = graph.size();
    for (std::int32_t id = 0; id < count; ++id) buffers[id] = -1;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i)
      locations_[graph.inputs[i]] = {static_cast<std::int32_t>(i) + 1, 0};
  }

  /// Places all values, and notes in the plan how large the arena is and which calls accumulate.
  constexpr void run(Plan& plan) {
    Size end = 0;
    for (const std::int32_t id : graph_.outputs) end = append(storage_.root(id), end);
    plan.output_bytes = end;
    for (std::int32_t i = 0; i < plan.constants; ++i) end = append(plan.calls.data()[i].node, end);
    find_lives(plan);
    late_ = plan.constants + plan.early;
    share_memory(plan);
    std::vector<Buffer> free;
    free.reserve(buffers_.size());
    std::vector<std::int32_t> number(buffers_.size(), -1);
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      if (fixed_.data()[i] >= 0 || merged_.data()[i] >= 0) continue;
      number.data()[i] = static_cast<std::int32_t>(free.size());
      free.push_back(buffers_.data()[i]);
    }
    plan.lower_bound = end + lower_bound(free);
    plan.arena_bytes = place(free, end);
    const std::int32_t* buffers = buffer_of_.data();
    const std::int32_t count = graph_.size();
    for (std::int32_t id = 0; id < count; ++id) {
      if (buffers[id] < 0) continue;
      const std::int32_t buffer = merged_into(buffers[id]);
      const std::int32_t owner = fixed_.data()[buffer];
      locations_[id] =
          owner >= 0 ? locations_[owner] : Location{0, free.data()[number.data()[buffer]].offset};
    }
  }

  /// Where a node's first element lies, after `run`.
  constexpr Location location(std::int32_t id) const {
    const std::int32_t root = storage_.root(id);
    Location where = locations_[root];
    if (bf16_counts_ != nullptr && bf16_counts_[root] > 0) {
      where.offset += bf16_offset(storage_.offsets[id], bf16_counts_[root], scalar_);
    } else {
      where.offset += element_bytes(graph_[id].type.kind, scalar_) * storage_.offsets[id];
    }
    return where;
  }

 private:
  constexpr Size bytes(std::int32_t id) const {
    const Type& type = graph_[id].type;
    if (bf16_counts_ != nullptr && bf16_counts_[id] > 0)
      return bf16_offset(type.shape.size(), bf16_counts_[id], scalar_);
    return storage_.kind(id) == Storage::splat ? element_bytes(type.kind, scalar_)
                                               : dense_bytes(type, scalar_);
  }

  /// Places a node at the offset `end`, unless it is placed already: it shares its memory with no other.
  /// Returns the end of what is placed.
  constexpr Size append(std::int32_t id, Size end) {
    if (placed_[id]) return end;
    placed_[id] = true;
    locations_[id] = {0, end};
    return end + aligned(bytes(id));
  }

  /// Makes a buffer for every value that has no location yet, and finds the calls between which it lives.
  constexpr void find_lives(const Plan& plan) {
    buffers_.reserve(2 * plan.calls.size());
    for (std::int32_t now = 0; now < static_cast<std::int32_t>(plan.calls.size()); ++now) {
      const KernelCall& call = plan.calls.data()[now];
      for (int i = 0; i < call.source_count; ++i) {
        const std::int32_t buffer = buffer_of_[call.roots[i]];
        if (buffer >= 0) buffers_.data()[buffer].last = now;
      }
      add(call.node, now);
      for (int i = 0; i < call.extra_count; ++i) add(call.extras[i], now);
    }
    fixed_.assign(buffers_.size(), -1);
    merged_.assign(buffers_.size(), -1);
  }

  constexpr void add(std::int32_t id, std::int32_t now) {
    if (placed_[id]) return;
    buffer_of_[id] = static_cast<std::int32_t>(buffers_.size());
    buffers_.push_back({bytes(id), now, now, 0});
  }

  constexpr std::int32_t merged_into(std::int32_t buffer) const {
    while (merged_.data()[buffer] >= 0) buffer = merged_.data()[buffer];
    return buffer;
  }

  /// Lets results take the memory of operands that no later call needs.
  constexpr void share_memory(Plan& plan) {
    for (std::int32_t now = 0; now < static_cast<std::int32_t>(plan.calls.size()); ++now) {
      KernelCall& call = plan.calls.data()[now];
      const int source = graph_.passes.in_place ? overwritten(call, now) : -1;
      if (source < 0) continue;
      call.accumulates = call.product >= 0;
      const std::int32_t old = merged_into(buffer_of_[call.roots[source]]);
      const std::int32_t result = buffer_of_[call.node];
      if (result < 0) {
        fixed_.data()[old] = call.node;
      } else {
        buffers_.data()[old].last = buffers_.data()[result].last;
        merged_.data()[result] = old;
      }
    }
  }

  /// The position, among a call's sources, of one whose memory the result may take; -1 if there is none.
  constexpr int overwritten(const KernelCall& call, std::int32_t now) const {
    const Node& node = graph_[call.node];
    if (call.by_rows || !node.operation->is_elementwise || call.splat) return -1;
    if (call.product >= 0 && (call.bf16 & 1) != 0) return -1;  // sums stay in the scalar type
    if (call.product >= 0 && !only_adds_to_product(graph_, storage_.roots.data(), call)) return -1;
    for (int i = call.product >= 0 ? 2 : 0; i < call.source_count; ++i) {
      if (can_overwrite(call, i, now)) return i;
    }
    return -1;
  }

  /// Says whether the result of the call at position `now` may be written over its source i.
  constexpr bool can_overwrite(const KernelCall& call, int i, std::int32_t now) const {
    const std::int32_t root = call.roots[i];
    const std::int32_t buffer = buffer_of_[root];
    if (buffer < 0 || storage_.kind(root) != Storage::buffer) return false;
    const Buffer& life = buffers_.data()[merged_into(buffer)];
    if (life.last != now || fixed_.data()[merged_into(buffer)] >= 0) return false;
    if (buffer_of_[call.node] < 0 && life.first < late_) return false;  // outputs change behind all checks
    if (bytes(root) != bytes(call.node) || life.bytes != bytes(root)) return false;
    for (int k = 0; k < call.source_count; ++k) {
      if (call.roots[k] == root && (k < (call.product >= 0 ? 2 : 0) || !is_read_alike(call, k))) return false;
    }
    return true;
  }

  /// Says whether the call needs, of source k, only the element at a position to compute the result's element
  /// at that position.
  constexpr bool is_read_alike(const KernelCall& call, int k) const {
    const Shape& shape = graph_[call.node].type.shape;
    return graph_[call.sources[k]].type == graph_[call.node].type && storage_.offsets[call.sources[k]] == 0 &&
           is_row_major(shape, operand_strides(graph_, call, k));
  }

  const Graph& graph_;
  const StorageMap& storage_;
  Size scalar_;
  const Size* bf16_counts_;
  PerNode<Location> locations_;
  PerNode<bool> placed_;
  PerNode<std::int32_t> buffer_of_;  ///< for every node its buffer's number; -1 for none
  std::int32_t late_ = 0;            ///< the position of the first call behind all checks
  std::vector<Buffer> buffers_;
  std::vector<std::int32_t> fixed_;   ///< for every buffer the placed node whose memory it shares; or -1
  std::vector<std::int32_t> merged_;  ///< for every buffer the one whose memory it takes over; or -1
};

}  // namespace ctgrad::plan
