#pragma once

#include <ctgrad/runtime/join_ranks.hpp>
#include <ctgrad/runtime/program.hpp>
#include <ctgrad/runtime/random_key.hpp>
#include <ctgrad/runtime/sharded_inputs.hpp>

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
  static_assert(Shards > 0, "ShardedProgram: expected at least 1 shard, got 0");
  static constexpr Size batch_size =
      runtime::batches<runtime::ShardedArgument<Arguments, Shards>::batch...>::largest;
  static_assert(
      runtime::batches<runtime::ShardedArgument<Arguments, Shards>::batch...>::are_one,
      "ShardedProgram: an array is an argument whose first axis is the batch, and all such arrays have "
      "the same first axis; Whole<...> is an array that is not cut");
  static constexpr Size samples = batch_size / static_cast<Size>(std::max<std::size_t>(Shards, 1));
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
  /// thrown at all of them, as a RankError at the others; and std::invalid_argument at all where models,
  /// numbers, keys or arrays that are not cut differ, those of more than 16 bytes at their first run. Ranks
  /// beyond the number of shards compute nothing. Gradients that an optimiser with the same ranks takes may
  /// be left in slices: it is the fastest, and each rank has those of its slice alone then.
  BasicShardedProgram(Team team, Ranks ranks, RankGradients gradients = RankGradients::whole)
      : team_(std::move(team)),
        memory_(static_cast<std::size_t>(std::max(Join::bytes, plan::alignment))),
        ranks_(std::move(ranks), gradients, Join::plan) {
    ranks_.initialize(memory_[0]);
    make_machines();
  }

  static constexpr std::size_t shards() { return Shards; }
  static constexpr Size samples_of_shard() { return samples; }
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

  /// Runs the program on these arguments. `timers.shard(s)` gives what makes the kernel calls of shard s, as
  /// run_with's make_call of a Program does, in one of the team's threads; `timers.join(join)` must join the
  /// shards' results: `join()`. `profile` times runs so.
  template <class Timers, class... Inputs>
  void run_with(const Timers& timers, const Inputs&... inputs) {
    const Turn turn(memory_);
    compute_with(timers, inputs...);
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

  static constexpr auto input_list = runtime::sharded_inputs<Scalar, Shards, input_count, Arguments...>();
  static constexpr auto whole_bytes = [] {
    std::array<std::size_t, std::max<std::size_t>(input_count, 1)> bytes{};
    for (std::size_t i = 0; i < input_count; ++i)
      bytes[i] = input_list[i].bytes * (input_list[i].share == runtime::Share::part ? Shards : 1);
    return bytes;
  }();

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
    compute_with(runtime::NoShardTimers{}, inputs...);
  }

  template <class Timers, class... Inputs>
  void compute_with(const Timers& timers, const Inputs&... inputs) {
    static_assert(sizeof...(Inputs) == sizeof...(Arguments),
                  "the program takes another number of arguments; is a model, an array or a Key missing?");
    (require_key<Arguments, Inputs>(), ...);
    runtime::InputList<Scalar, input_count> list(narrowed_ids_);
    std::size_t target = 0;
    ranks_.ranks().together([&] { target = run_shards(timers, list, inputs...); }, RankCall::run,
                            [&] { return equal_inputs_.digest(list.data()); },
                            [&] { return equal_inputs_.parts(list.data()); });
    equal_inputs_.note_run();
    timers.join([&] { join(memory_[target]); });
    memory_.finish(target);
  }

  void join(std::byte* to) {
    typename Join::Machines machines;
    for (std::size_t s = 0; s < Shards; ++s) machines[s] = machines_[s].get();
    if (ranks_.ranks().size() == 1) {
      Join::join(team_, machines, to);
    } else {
      ranks_.join(team_, runtime::ShardOutputs(machines), to);
    }
  }

  /// Runs this rank's shards on the inputs, which it lists; gives the number of the arena for their joined
  /// results.
  template <class Timers, class... Inputs>
  std::size_t run_shards(const Timers& timers, runtime::InputList<Scalar, input_count>& list,
                         const Inputs&... inputs) {
    int position = 0;
    (list.template add<typename runtime::ShardedArgument<Arguments, Shards>::Given>(inputs, ++position), ...);
    if (was_moved_from()) make_machines();
    for_each_own_shard([&](std::size_t shard) { run_shard(timers, shard, list.data()); });
    return memory_.take({list.data(), whole_bytes.data(), input_count},
                        [&](std::byte* memory) { ranks_.initialize(memory); });
  }

  bool was_moved_from() const {
    const runtime::ShardRange own = ranks_.own();
    return own.count() > 0 && machines_[own.begin] == nullptr;
  }

  template <class Timers>
  void run_shard(const Timers& timers, std::size_t shard, const void* const* whole) {
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
    Machine& machine = *machines_[shard];
    machine.run(machine.turn(), inputs.data(),
                runtime::ShardLabels<Labels>{{}, input_list, shard, Shards, samples}, timers.shard(shard));
  }

  Team team_;
  std::array<std::unique_ptr<Machine>, Shards> machines_;
  runtime::RunMemory memory_;  ///< of joined results
  runtime::RankJoin<Scalar> ranks_;
  runtime::EqualInputs equal_inputs_{std::span(input_list).first(input_count)};
  runtime::NarrowedIds narrowed_ids_;
};

/// Of the graph that each shard runs.
template <class Scalar, std::size_t Shards, auto Function, class... Arguments>
std::string table(const BasicShardedProgram<Scalar, Shards, Function, Arguments...>& program) {
  return table(program.graph(), BasicShardedProgram<Scalar, Shards, Function, Arguments...>::Machine::plan);
}
template <class Scalar, std::size_t Shards, auto Function, class... Arguments>
std::string dot(const BasicShardedProgram<Scalar, Shards, Function, Arguments...>& program) {
  return dot(program.graph());
}

/// A function's program in single precision, in so many shards.
template <std::size_t Shards, auto Function, class... Arguments>
using ShardedProgram = BasicShardedProgram<float, Shards, Function, Arguments...>;

/// The same in double precision.
template <std::size_t Shards, auto Function, class... Arguments>
using DoubleShardedProgram = BasicShardedProgram<double, Shards, Function, Arguments...>;

}  // namespace ctgrad
