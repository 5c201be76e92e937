#pragma once

#include <ctgrad/runtime/join_ranks.hpp>
#include <ctgrad/runtime/program.hpp>
#include <ctgrad/runtime/random_key.hpp>

/// A function compiled for equal parts of a batch, which the threads of a team compute.
namespace ctgrad {

namespace runtime {

/// An argument of the type Given, and what is given for it.
template <class Given, class Got>
struct sharded_program_argument {
  static constexpr bool is_a_key = !std::is_same_v<Given, Key> || std::is_same_v<Got, RandomKey>;
};

/// The first axes of a program's arguments that are cut, -1 for each that is not.
template <Size... Batches>
struct batches {
  static constexpr Size largest = std::max({Size{-1}, Batches...});
  static constexpr bool are_one = largest >= 0 && ((Batches < 0 || Batches == largest) && ...);
};

}  // namespace runtime

/// `Function` compiled for `Shards` equal parts of a batch. The arguments' types are those of the whole
/// batch:
///
///     ShardedProgram<8, value_and_grad(loss), Model, Index<96, 12>, Index<96, 12>, Key> step;
///
/// Arrays are cut along their first axis, the batch, unless they are said to be `Whole<...>`; models and
/// numbers go to all shards, and a Key gives every sample the random numbers that it has in an uncut batch. A
/// loss is a mean over the batch: the result is the mean of the shards' losses, with the mean of their
/// gradients. Of a function whose result is a weighted mean (`cross_entropy` with weights or ignored targets,
/// `weighted_mean`) it is the mean over the whole batch: the shards' sums and weights are added up. Arrays of
/// a result have the batch as their first axis.
///
/// How many shards there are is a part of the program, and sums go along one tree over the shards' numbers:
/// so results have the same bits for any number of threads. Arguments, results and what is thrown are those
/// of a Program of the whole batch. It cannot be copied.
template <class Scalar, std::size_t Shards, auto Function, class... Arguments>
class BasicShardedProgram {
  static constexpr Size batch_size =
      runtime::batches<runtime::ShardedArgument<Arguments, Shards>::batch...>::largest;
  static_assert(
      runtime::batches<runtime::ShardedArgument<Arguments, Shards>::batch...>::are_one,
      "ShardedProgram: an array is an argument whose first axis is the batch, and all such arrays have "
      "the same first axis; Whole<...> is an array that is not cut");
  static constexpr Size samples = batch_size / static_cast<Size>(Shards);
  static constexpr std::size_t key_count =
      (std::size_t{0} + ... +
       (runtime::ShardedArgument<Arguments, Shards>::share == runtime::Share::key ? 1 : 0));
  static constexpr auto part_function =
      autodiff::sums_of<typename runtime::ShardedArgument<Arguments, Shards>::Part...>(Function);

 public:
  /// What each shard runs.
  using Part =
      BasicProgram<Scalar, part_function, typename runtime::ShardedArgument<Arguments, Shards>::Part...>;
  using Machine = typename Part::Machine;
  using Result = std::remove_cv_t<decltype(part_function(
      typename runtime::ShardedArgument<Arguments, Shards>::Part{}...))>;
  static_assert(
      runtime::sharded_function<decltype(Function)>::says_what_gradients_are,
      "ShardedProgram: of grad(f) it is not known which results are gradients; take value_and_grad(f)");
  static_assert(
      runtime::random_numbers<Machine::graph, samples, key_count>::are_those_of_samples,
      "ShardedProgram: what dropout or keep_mask works on has the batch as its first axis, so that each "
      "sample has the random numbers of an uncut batch");
  static_assert(
      Machine::graph.weighted_means == (runtime::weighted_mean_in<Result>::is_the_result ? 1 : 0),
      "ShardedProgram: a mean by weights is the function's result, or what value_and_grad is taken of: "
      "shards' sums and weights are added up, and nothing can be computed of the mean before");

 private:
  using Join = runtime::ShardJoin<Scalar, Machine, Result, samples, Shards>;
  using Labels =
      runtime::InputLabels<Machine, typename runtime::ShardedArgument<Arguments, Shards>::Given...>;
  static constexpr std::size_t input_count = Machine::graph.input_count;

 public:
  /// The shards compute in a team's threads, of which there are as many as this process may use unless they
  /// are given. A team may be that of several programs. Throws what a Team throws.
  explicit BasicShardedProgram(Team team = Team()) : BasicShardedProgram(std::move(team), Ranks()) {}

  /// The same at each of several ranks, which share the shards and make every call together: each computes
  /// the shards of its `samples_begin()` to `samples_end()`, and has all results, in the bits of a single
  /// rank. Of arrays that are cut it reads the rows of those samples alone. What is thrown at one rank is
  /// thrown at all of them, as a RankError at the others. Gradients that an optimiser with the same ranks
  /// takes may be left in slices: it is the fastest, and each rank has those of its slice alone then.
  BasicShardedProgram(Team team, Ranks ranks, RankGradients gradients = RankGradients::whole)
      : team_(std::move(team)),
        memory_(static_cast<std::size_t>(std::max(Join::bytes, plan::alignment))),
        ranks_(std::move(ranks), gradients, Join::plan) {
    ranks_.initialize(memory_[0]);
    make_machines();
  }

  static constexpr std::size_t shards() { return Shards; }
  const Team& team() const { return team_; }
  const Ranks& ranks() const { return ranks_.ranks(); }

  /// The samples of the batch that this rank computes; all, where it is alone.
  Size samples_begin() const { return static_cast<Size>(ranks_.own().begin) * samples; }
  Size samples_end() const { return static_cast<Size>(ranks_.own().end) * samples; }

  /// The nodes of a shard's graph.
  static constexpr const auto& graph() { return Machine::graph; }
  /// The bytes of all shards' activations, results and constants, and of the joined results.
  static constexpr Size arena_bytes() {
    return static_cast<Size>(Shards) * Machine::plan.arena_bytes + Join::bytes;
  }
  /// The kernel calls of a run of all shards.
  static constexpr std::size_t kernel_calls() { return Shards * Part::kernel_calls(); }

  /// Runs the function, as Program does, on the whole batch.
  template <class... Inputs>
  auto operator()(const Inputs&... inputs) & {
    const Turn turn(memory_);
    compute(inputs...);
    return read();
  }
  /// What a temporary program computed would be gone.
  template <class... Inputs>
  void operator()(const Inputs&...) && = delete;

  /// Runs the program; `result()` then gives what it computed.
  template <class... Inputs>
  void run(const Inputs&... inputs) {
    const Turn turn(memory_);
    compute(inputs...);
  }

  /// What the last run computed.
  auto result() const& {
    const runtime::RunMemory::Look look(memory_);
    return read();
  }
  void result() const&& = delete;

 private:
  using Turn = runtime::RunMemory::Turn;

  auto read() const {
    return runtime::Output<Scalar, typename Join::Joined>::read(typename Join::Outputs{memory_.last()}, 0);
  }

  /// An array of the graph: how it is shared, and the bytes of each shard's part.
  struct Input {
    runtime::Share share = runtime::Share::whole;
    std::size_t bytes = 0;
  };
  static constexpr auto input_list = [] {
    std::array<Input, std::max<std::size_t>(input_count, 1)> list{};
    std::size_t next = 0;
    const auto add = [&]<class A>(std::type_identity<A>) {
      const typename A::Part tree{};
      for_each_leaf(tree, [&](const auto& leaf) {
        list[next++] = {A::share,
                        static_cast<std::size_t>(dense_bytes(leaf.type, runtime::scalar_size<Scalar>))};
      });
    };
    (add(std::type_identity<runtime::ShardedArgument<Arguments, Shards>>{}), ...);
    return list;
  }();
  static constexpr auto whole_bytes = [] {
    std::array<std::size_t, std::max<std::size_t>(input_count, 1)> bytes{};
    for (std::size_t i = 0; i < input_count; ++i)
      bytes[i] = input_list[i].bytes * (input_list[i].share == runtime::Share::part ? Shards : 1);
    return bytes;
  }();

  /// What messages call the nodes of a shard.
  struct ShardLabels : Labels {
    std::size_t shard;

    std::string operator()(std::int32_t id) const {
      const bool is_computed = Labels::input_of(id) < 0 && !Labels::chooses_rows(id);
      return Labels::name(id) + (is_computed ? " of shard " + std::to_string(shard) : "");
    }

    /// The shape of the whole batch's array of which a shard has one of this shape, and where in it the
    /// shard's begins.
    Shape whole(std::int32_t id, Shape shape, Size& begin) const {
      const std::int32_t input = Labels::input_of(id);
      if (input < 0 || input_list[static_cast<std::size_t>(input)].share != runtime::Share::part)
        return shape;
      begin = static_cast<Size>(shard) * shape.size();
      if (shape.rank > 0) shape[0] *= static_cast<Size>(Shards);
      return shape;
    }
  };

  template <class Given, class Got>
  static void require_key() {
    static_assert(
        runtime::sharded_program_argument<Given, Got>::is_a_key,
        "ShardedProgram: an Index<4> is a Key, random_key(seed, step); Whole<Index<4>> is an array of "
        "4 integers");
  }

  /// By the threads that will run them, so that their memory lies near.
  void make_machines() {
    for_each_own_shard([&](std::size_t s) { machines_[s] = std::make_unique<Machine>(); });
  }

  template <class Task>
  void for_each_own_shard(const Task& task) const {
    const runtime::ShardRange own = ranks_.own();
    team_.for_each(own.count(), [&](std::size_t i) { task(own.begin + i); });
  }

  template <class... Inputs>
  void compute(const Inputs&... inputs) {
    static_assert(sizeof...(Inputs) == sizeof...(Arguments),
                  "the program takes another number of arguments; is a model, an array or a Key missing?");
    (require_key<Arguments, Inputs>(), ...);
    std::size_t target = 0;
    ranks_.ranks().together([&] { target = run_shards(inputs...); });
    typename Join::Machines machines;
    for (std::size_t s = 0; s < Shards; ++s) machines[s] = machines_[s].get();
    if (ranks_.ranks().size() == 1) {
      Join::join(team_, machines, memory_[target]);
    } else {
      ranks_.join(team_, runtime::ShardOutputs(machines), memory_[target]);
    }
    memory_.finish(target);
  }

  /// Runs this rank's shards; gives the number of the arena for their joined results.
  template <class... Inputs>
  std::size_t run_shards(const Inputs&... inputs) {
    runtime::InputList<Scalar, input_count> list(narrowed_ids_);
    int position = 0;
    (list.template add<typename runtime::ShardedArgument<Arguments, Shards>::Given>(inputs, ++position), ...);
    if (was_moved_from()) make_machines();
    for_each_own_shard([&](std::size_t shard) { run_shard(shard, list.data()); });
    return memory_.take({list.data(), whole_bytes.data(), input_count},
                        [&](std::byte* memory) { ranks_.initialize(memory); });
  }

  bool was_moved_from() const {
    const runtime::ShardRange own = ranks_.own();
    return own.count() > 0 && machines_[own.begin] == nullptr;
  }

  void run_shard(std::size_t shard, const void* const* whole) {
    std::array<const void*, std::max<std::size_t>(input_count, 1)> inputs;
    std::array<std::array<std::int32_t, 4>, std::max<std::size_t>(key_count, 1)> keys;
    std::size_t next_key = 0;
    for (std::size_t i = 0; i < input_count; ++i) {
      inputs[i] = whole[i];
      if (input_list[i].share == runtime::Share::part)
        inputs[i] = static_cast<const std::byte*>(whole[i]) + shard * input_list[i].bytes;
      if (input_list[i].share == runtime::Share::key) {
        auto& words = keys[next_key++];
        std::memcpy(words.data(), whole[i], sizeof words);
        words[3] = runtime::sample_word(words[3], shard * static_cast<std::size_t>(samples));
        inputs[i] = words.data();
      }
    }
    machines_[shard]->run(inputs.data(), ShardLabels{{}, shard});
  }

  Team team_;
  std::array<std::unique_ptr<Machine>, Shards> machines_;
  runtime::RunMemory memory_;  ///< of joined results
  runtime::RankJoin<Scalar> ranks_;
  runtime::NarrowedIds narrowed_ids_;
};

/// A function's program in single precision, in so many shards.
template <std::size_t Shards, auto Function, class... Arguments>
using ShardedProgram = BasicShardedProgram<float, Shards, Function, Arguments...>;

/// The same in double precision.
template <std::size_t Shards, auto Function, class... Arguments>
using DoubleShardedProgram = BasicShardedProgram<double, Shards, Function, Arguments...>;

}  // namespace ctgrad
