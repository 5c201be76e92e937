#pragma once

#include <ctgrad/buckets/bucket_table.hpp>
#include <ctgrad/buckets/join_runs.hpp>
#include <ctgrad/buckets/lane.hpp>
#include <ctgrad/buckets/partition.hpp>

/// A function compiled for sequences of several lengths in batches of several sizes.
namespace ctgrad {

/// `Function` compiled for every one of these lengths and batches, buckets, over one set of parameters:
///
///     BucketedProgram<Lengths<16, 32, 64>, Batches<1, 8>, embed, Model, Tokens> embedder;
///     const auto vectors = embedder(parameters, sentences);  // [sentences.size(), width]
///
/// A call takes any number of sequences of up to the largest length. Each is padded and computed in a bucket
/// that it fits into; which ones are computed together is what costs least, by the operations and bytes of
/// buckets. Results are in the caller's order, and but for rounding they do not depend on buckets.
///
/// The function is called with an nn::TokenBatch<rows, length> for `Tokens`, with an array [rows, ...] for
/// `Each<T>`, and with other arguments as they are; a Key gives every sequence random numbers of its own. It
/// gives an array [rows, ...], `tokens.each_token(x)` of an array [rows, length, ...], or a std::tuple of
/// these; or else a mean by weights such as `tokens.mean(losses)`, by itself or by value_and_grad, of which
/// the result is the mean over all sequences of the call.
///
/// All buckets compute in one arena, of the size of the largest; results have memory of their own. A call
/// allocates nothing once calls as large have been made, unless earlier results are held: see RunMemory. It
/// runs in one thread at a time, and can be neither copied nor moved.
template <class S, class LengthList, class BatchList, auto Function, class... Arguments>
class BasicBucketedProgram {
  static_assert(buckets::arguments<Arguments...>::include_Tokens,
                "BucketedProgram: no argument is Tokens; a function of arrays of known sizes is a Program's");
  static_assert(
      runtime::sharded_function<decltype(Function)>::says_what_gradients_are,
      "BucketedProgram: of grad(f) it is not known which results are gradients; take value_and_grad(f)");

 public:
  using Scalar = S;
  using AllLengths = LengthList;
  using AllBatches = BatchList;

  /// What the function is in the bucket of a length and a batch.
  template <Size Length, Size Rows>
  using In = buckets::FunctionIn<Scalar, Function, Length, Rows, Arguments...>;
  /// What it gives, in the first bucket as in all others.
  using Result = typename In<LengthList::smallest, BatchList::smallest>::Result;
  static_assert(
      buckets::bucket<LengthList::largest, BatchList::largest,
                      typename In<LengthList::largest, BatchList::largest>::Result,
                      Result>::has_results_like_the_first_one,
      "BucketedProgram: the function's result differs between buckets by more than its rows; of one "
      "with an axis of tokens return tokens.each_token(result)");

  /// Computes in the thread that calls it.
  BasicBucketedProgram() : BasicBucketedProgram(Team(1)) {}

  /// The threads of a team compute runs of a call at once, each in an arena of its own, or share the larger
  /// kernel calls of a single run or of one that takes part in a mean, as they do those of a Program. The
  /// bits are those of one thread. The team may be that of several programs.
  explicit BasicBucketedProgram(Team team)
      : given_(static_cast<std::size_t>(LengthList::largest)),
        team_(std::move(team)),
        call_team_(table_.call_team(team_)),
        lanes_(Join::has_mean ? 1 : team_.size(), BatchList::largest, LengthList::largest,
               table_.arena_bytes()),
        memory_(std::max(join_.bytes(), std::size_t{1})),
        begins_(join_.begins()) {}

  BasicBucketedProgram(const BasicBucketedProgram&) = delete;
  BasicBucketedProgram& operator=(const BasicBucketedProgram&) = delete;
  ~BasicBucketedProgram() = default;

  /// Runs the function on sequences. An argument `Tokens` is a list of sequences of ids of any integer type,
  /// each a vector, an array or a span; an `Each<T>` is an array [sequences, ...] as a Program takes it, or a
  /// list of numbers; all others are what a Program takes. Gives what a Program gives. Throws
  /// std::invalid_argument for a sequence without tokens or of more than the largest length, naming both, and
  /// for what does not fit; std::out_of_range for an id out of its range, as "argument 2[10][3]"; and
  /// std::logic_error while another thread runs the program. No result has then changed, unless the function
  /// computes the ids that are out of range.
  template <class... Given>
  auto operator()(const Given&... given) & {
    const Turn turn(memory_);
    compute(given...);
    return read();
  }
  /// What a temporary program computed would be gone.
  template <class... Given>
  void operator()(const Given&...) && = delete;

  /// Runs the program; `result()` then gives what it computed.
  template <class... Given>
  void run(const Given&... given) {
    const Turn turn(memory_);
    compute(given...);
  }

  /// What the last call computed. Throws std::logic_error where ids that the function computed were out of
  /// range, and the result before is lost.
  auto result() const& {
    const runtime::RunMemory::Look look(memory_);
    if (is_lost_)
      throw std::logic_error("the program's last call failed when results had been written: call it again");
    return read();
  }
  void result() const&& = delete;

  /// The bytes of the arena that all buckets compute in; a team's threads may have one each.
  std::size_t arena_bytes() const { return table_.arena_bytes(); }
  /// What a bucket is, by the number of its length and of its batch.
  const buckets::Facts& facts(std::size_t length, std::size_t batch) const {
    return table_.facts(length, batch);
  }
  /// How often it has been run. Not to be read while another thread runs the program.
  const buckets::Use& use(std::size_t length, std::size_t batch) const { return uses_[length][batch]; }

  /// How many arguments are sequences.
  static constexpr std::size_t token_arguments() { return All::count_of(buckets::Form::tokens); }

 private:
  using All = buckets::Inputs<Arguments...>;
  using Turn = runtime::RunMemory::Turn;
  using Join = buckets::RunJoin<Scalar, Result>;
  using Table = buckets::BucketTable<BasicBucketedProgram>;
  using Lane = buckets::Lane<Scalar, Arguments...>;

  template <class... Given>
  void compute(const Given&... given) {
    static_assert(sizeof...(Given) == sizeof...(Arguments),
                  "the program takes another number of arguments; is a model, an array or a Key missing?");
    static_assert(
        (buckets::given_argument<Arguments, Given>::is_a_list_of_sequences_of_ids && ...),
        "BucketedProgram: an argument Tokens is a list of sequences of integers that lie in memory, "
        "such as a std::vector<std::vector<std::int32_t>> or a std::vector<std::span<const int>>");
    static_assert((buckets::given_argument<Arguments, Given>::is_a_key && ...),
                  "BucketedProgram: an Index<4> is a Key, random_key(seed, step)");
    if constexpr (sizeof...(Given) == sizeof...(Arguments)) {
      runtime::InputList<Scalar, All::whole_count> whole(narrowed_ids_);
      measure(whole, std::index_sequence_for<Given...>{}, given...);
      compute_runs([&](Lane& lane, const buckets::Run& run) {
        lane.pad(facts_of(run), partition_.sequences(run), run.begin, given_, whole.data(), given...);
      });
    }
  }

  /// Looks at all that is given before anything is computed.
  template <class Whole, std::size_t... I, class... Given>
  void measure(Whole& whole, std::index_sequence<I...>, const Given&... given) {
    given_.begin();
    (measure_tokens<Arguments>(given, I + 1), ...);
    (measure_other<Arguments>(whole, given, I + 1), ...);
    for (std::size_t i = 0; i < All::whole_count; ++i) given_.add_bytes(whole.data()[i], whole_bytes[i]);
    if constexpr (Join::has_mean) given_.require_any();
  }

  template <class A, class Given>
  void measure_tokens(const Given& given, std::size_t position) {
    if constexpr (buckets::form_of<A> == buckets::Form::tokens) given_.add(given, position);
  }

  template <class A, class Whole, class Given>
  void measure_other(Whole& whole, const Given& given, std::size_t position) {
    if constexpr (buckets::form_of<A> == buckets::Form::each) {
      using Checked = buckets::each_argument<A, Scalar, Given>;
      static_assert(
          Checked::is_an_array_in_memory,
          "BucketedProgram: an argument Each<T> is an array in memory with a row for each sequence, or "
          "a list of numbers");
      static_assert(
          Checked::has_elements_of_its_kind,
          "BucketedProgram: an argument Each<T> has elements of the program's scalar (Tensor), integers "
          "(Index) or bool (Mask)");
      given_.add_each<typename Checked::Type>(given, position);
    } else if constexpr (buckets::form_of<A> == buckets::Form::whole) {
      whole.template add<A>(given, static_cast<int>(position));
    }
  }

  const buckets::Facts& facts_of(const buckets::Run& run) const {
    return table_.facts(run.length, run.batch);
  }

  /// pad(lane, run) gives a lane the inputs of a run.
  template <class Pad>
  void compute_runs(const Pad& pad) {
    find_runs();
    const auto runs = partition_.runs();
    for (std::size_t i = 0; runs.size() > 1 && i < runs.size(); ++i) {
      pad(lanes_.first(), runs[i]);
      lanes_.first().check(facts_of(runs[i]));
    }
    join_.begin({given_.count(), given_.most_tokens()});
    if (join_.bytes() > memory_.bytes()) memory_.grow(std::max(join_.bytes(), 2 * memory_.bytes()));
    const std::size_t target = memory_.take(given_.bytes(), [](std::byte*) {});
    // Where a later one of several runs fails, what those before it have written is no result.
    is_lost_ = is_lost_ || (runs.size() > 1 && memory_[target] == memory_.last().data());
    if (runs.size() > 1 && !Join::has_mean && team_.size() > 1) {
      compute_at_once(pad, memory_[target]);
    } else {
      compute_in_turn(pad, memory_[target]);
    }
    join_.finish(memory_[target]);
    begins_ = join_.begins();
    extent_ = join_.extent();
    memory_.finish(target);
    is_lost_ = false;
    count_uses();
  }

  template <class Pad>
  void compute_in_turn(const Pad& pad, std::byte* results) {
    Lane& lane = lanes_.first();
    for (const buckets::Run& run : partition_.runs()) {
      pad(lane, run);
      join_.add(results, facts_of(run), lane.compute(facts_of(run), call_team_), partition_.sequences(run));
    }
  }

  template <class Pad>
  void compute_at_once(const Pad& pad, std::byte* results) {
    const auto runs = partition_.runs();
    team_.for_each(runs.size(), [&](std::size_t i) {
      lanes_.with_lane([&](Lane& lane) {
        const buckets::Facts& facts = facts_of(runs[i]);
        runtime::CallTeam nobody;
        pad(lane, runs[i]);
        join_.place(results, facts, lane.compute(facts, nobody), partition_.sequences(runs[i]));
      });
    });
  }

  void find_runs() {
    numbers_.clear();
    for (const std::size_t tokens : given_.tokens()) {
      std::size_t length = 0;
      while (static_cast<std::size_t>(LengthList::numbers[length]) < tokens) ++length;
      numbers_.push_back(length);
    }
    partition_.find(numbers_, batch_sizes, table_.costs());
  }

  void count_uses() {
    for (const buckets::Run& run : partition_.runs()) {
      buckets::Use& use = uses_[run.length][run.batch];
      ++use.runs;
      use.sequences += run.count;
      for (const std::size_t sequence : partition_.sequences(run))
        use.tokens += given_.all_tokens()[sequence];
    }
  }

  auto read() const {
    return buckets::Joined<Scalar, Result>::read({memory_.last(), begins_.data(), extent_}, 0);
  }

  static constexpr auto batch_sizes = [] {
    std::array<std::size_t, BatchList::count> sizes{};
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = static_cast<std::size_t>(BatchList::numbers[i]);
    return sizes;
  }();
  static constexpr auto whole_bytes = buckets::whole_bytes<Scalar, Arguments...>;

  Table table_;
  typename Table::template ByBucket<buckets::Use> uses_{};
  buckets::GivenSequences given_;
  std::vector<std::size_t> numbers_;  ///< of every sequence's length
  buckets::Partition<LengthList::count, BatchList::count> partition_;
  Team team_;
  runtime::CallTeam call_team_;
  buckets::LanePool<Lane> lanes_;
  Join join_;
  runtime::RunMemory memory_;  ///< of results
  std::array<std::size_t, Join::parts.size()> begins_{};
  buckets::Extent extent_;  ///< of the last results
  bool is_lost_ = false;
  runtime::NarrowedIds narrowed_ids_;
};

/// A function's program in single precision, for sequences of these lengths in batches of these sizes.
template <class LengthList, class BatchList, auto Function, class... Arguments>
using BucketedProgram = BasicBucketedProgram<float, LengthList, BatchList, Function, Arguments...>;

/// The same in double precision.
template <class LengthList, class BatchList, auto Function, class... Arguments>
using DoubleBucketedProgram = BasicBucketedProgram<double, LengthList, BatchList, Function, Arguments...>;

}  // namespace ctgrad
