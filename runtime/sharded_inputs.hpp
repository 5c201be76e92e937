#pragma once

#include <ctgrad/base/byte_hash.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/ranks.hpp>
#include <ctgrad/runtime/shards.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

/// The arrays that a program over a batch is given, and which of them ranks have alike.
namespace ctgrad::runtime {

/// An array of a program's arguments.
struct ShardedInput {
  Share share = Share::whole;
  std::size_t bytes = 0;  ///< of each shard's part
  int argument = 0;       ///< that it is, or is a part of; counts from 1
};

/// Those of arguments for so many shards, in their order: `Count` of them, and one that is none if Count is
/// 0.
template <class Scalar, std::size_t Shards, std::size_t Count, class... Arguments>
constexpr auto sharded_inputs() {
  std::array<ShardedInput, std::max<std::size_t>(Count, 1)> list{};
  std::size_t next = 0;
  int argument = 0;
  const auto add = [&]<class A>(std::type_identity<A>) {
    ++argument;
    const typename A::Part tree{};
    for_each_leaf(tree, [&](const auto& leaf) {
      list[next++] = {A::share, static_cast<std::size_t>(dense_bytes(leaf.type, scalar_size<Scalar>)),
                      argument};
    });
  };
  (add(std::type_identity<ShardedArgument<Arguments, Shards>>{}), ...);
  return list;
}

/// What messages call the nodes of a shard: `Labels` are those of its program.
template <class Labels>
struct ShardLabels : Labels {
  std::span<const ShardedInput> inputs;
  std::size_t shard;
  std::size_t shards;
  Size samples;  ///< of a shard

  std::string operator()(std::int32_t id) const {
    if (Labels::input_of(id) >= 0 || Labels::chooses_rows(id)) return Labels::name(id);
    const Size first = static_cast<Size>(shard) * samples;
    return Labels::name(id) + ", of the samples from " + to_string(first) + " to " +
           to_string(first + samples - 1);
  }

  /// The shape of the whole batch's array of which a shard has one of this shape, and where in it the shard's
  /// begins.
  Shape whole(std::int32_t id, Shape shape, Size& begin) const {
    const std::int32_t input = Labels::input_of(id);
    if (input < 0 || inputs[static_cast<std::size_t>(input)].share != Share::part) return shape;
    begin = static_cast<Size>(shard) * shape.size();
    if (shape.rank > 0) shape[0] *= static_cast<Size>(shards);
    return shape;
  }
};

/// What an ordinary run makes calls with.
struct NoShardTimers {
  static MakeCall shard(std::size_t) { return {}; }
  template <class Join>
  static void join(const Join& join) {
    join();
  }
};

/// What all ranks have alike that run a program together: models, numbers, keys and arrays that are not cut.
/// Of the others each reads rows of its own. Large ones are compared at the first run, others at every one.
/// All programs share the code.
class EqualInputs {
 public:
  explicit EqualInputs(std::span<const ShardedInput> inputs) : inputs_(inputs) {}

  /// A number that depends on them, and on whether this is the first run that has come so far. `data` are
  /// those of the run.
  [[gnu::noinline]] std::uint64_t digest(const void* const* data) const {
    ByteHash hash;
    hash.add(is_first_);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (is_first_ || inputs_[i].bytes <= few_bytes) add(hash, i, data);
    }
    return hash.value();
  }

  /// What differs at ranks where their digests do: a hash of each argument.
  [[gnu::noinline, gnu::cold]] std::vector<EqualPart> parts(const void* const* data) const {
    std::vector<EqualPart> list{{"ShardedProgram: runs before this one", is_first_ ? "none" : "some"}};
    for (std::size_t i = 0; i < inputs_.size();) {
      const int argument = inputs_[i].argument;
      ByteHash hash;
      const bool is_a_key = inputs_[i].share == Share::key;
      for (; i < inputs_.size() && inputs_[i].argument == argument; ++i) add(hash, i, data);
      list.push_back({"argument " + std::to_string(argument) + (is_a_key ? ", the key" : "") + ", by a hash",
                      hash.text()});
    }
    return list;
  }

  void note_run() { is_first_ = false; }

 private:
  static constexpr std::size_t few_bytes = 16;

  void add(ByteHash& hash, std::size_t i, const void* const* data) const {
    if (inputs_[i].share == Share::part) return;
    hash.add(std::span(static_cast<const std::byte*>(data[i]), inputs_[i].bytes));
  }

  std::span<const ShardedInput> inputs_;
  bool is_first_ = true;
};

}  // namespace ctgrad::runtime
