#pragma once

#include <ctgrad/buckets/arguments.hpp>
#include <ctgrad/buckets/results.hpp>
#include <ctgrad/inspect/explanation.hpp>
#include <ctgrad/runtime/program.hpp>

#include <array>
#include <string>

/// One bucket of a program: what is compiled for it, behind a table that has no templates, so that it may lie
/// in an object file of its own.
namespace ctgrad {

namespace buckets {

/// What messages call elements of arguments.
class Names {
 public:
  /// The element at `position` of input number `input` of a run, such as "argument 2[10][3]".
  virtual std::string element(std::int32_t input, const Shape& position) const = 0;

 protected:
  Names() = default;
  Names(const Names&) = default;
  Names& operator=(const Names&) = default;
  ~Names() = default;
};

/// What a bucket is, and how it is run.
struct Facts {
  Size sequences = 0;
  Size tokens = 0;
  Size arena_bytes = 0;
  Size flops = 0;
  Size bytes = 0;  ///< that a run's kernel calls read and write
  Size kernel_calls = 0;
  const Size* outputs = nullptr;  ///< where each output begins in the arena
  bool is_shared = false;         ///< whether a team gains by sharing a run's calls
  std::size_t scratch = 0;        ///< the bytes that each of its threads needs then
  /// Computes in an arena what depends on no input: before the first run there, and again where another
  /// bucket has run since.
  void (*compute_constants)(std::byte* arena) = nullptr;
  /// Refuses ids of inputs that are out of range, as `run` does, and computes nothing.
  void (*check)(const void* const* inputs, const Names& names) = nullptr;
  /// Throws std::out_of_range for ids out of range.
  void (*run)(std::byte* arena, const void* const* inputs, const Names& names,
              runtime::CallTeam& team) = nullptr;

  /// What a run costs, in floating-point operations: a core does some eight while it moves a byte, and a few
  /// thousand while it gets from one call to the next.
  double cost() const {
    return static_cast<double>(flops) + 8 * static_cast<double>(bytes) +
           4000 * static_cast<double>(kernel_calls);
  }
};

/// What messages call the nodes of a bucket's machine.
template <class Machine, class... Trees>
struct Labels : runtime::InputLabels<Machine, Trees...> {
  using Base = runtime::InputLabels<Machine, Trees...>;
  const Names& names;

  explicit Labels(const Names& given) : names(given) {}

  /// Empty where the caller has no name for it: an array that was computed, or an argument otherwise shaped.
  std::string element(std::int32_t id, const Shape& shape, const Shape& position) const {
    const std::int32_t input = Base::input_of(id);
    if (input < 0) return "";
    // Not the graph itself, which programs would have to carry.
    const bool is_as_given = Machine::input_types[static_cast<std::size_t>(input)].shape == shape;
    return is_as_given ? names.element(input, position) : "";
  }
};

/// A program's function in the bucket of a length and a batch, as the program of a run: what it gives, and
/// what messages call its nodes.
template <class S, auto Given, Size Length, Size RowCount, class... Arguments>
struct FunctionIn {
  static constexpr auto function =
      autodiff::sums_of<typename Argument<Arguments, RowCount, Length>::Tree...>(Given);
  using Part = BasicProgram<S, function, typename Argument<Arguments, RowCount, Length>::Tree...>;
  using Returned =
      std::remove_cv_t<decltype(function(typename Argument<Arguments, RowCount, Length>::Tree{}...))>;
  using Result = typename ResultOf<Returned, RowCount, Length>::type;

  template <class Machine>
  using LabelsOf = Labels<Machine, typename Argument<Arguments, RowCount, Length>::Tree...>;
};

/// The size of a bucket beside what its function gives.
template <Size Tokens, Size Sequences, class Got, class Other>
struct bucket {
  static constexpr bool has_results_like_the_first_one = std::is_same_v<Got, Other>;
  template <class Lengths, class Batches>
  static constexpr bool is_one_of_the_program = Lengths::has(Tokens) && Batches::has(Sequences);
};

/// What is compiled for a bucket: `Program` is a BucketedProgram's type.
template <class Program, Size Tokens, Size Sequences>
struct Compiled {
  using In = typename Program::template In<Tokens, Sequences>;
  using Part = typename In::Part;
  using Machine = typename Part::Machine;
  using Result = typename In::Result;
  static_assert(
      bucket<Tokens, Sequences, Result, typename Program::Result>::has_results_like_the_first_one,
      "BucketedProgram: the function's result differs between buckets by more than its rows; of one "
      "with an axis of tokens return tokens.each_token(result)");
  static_assert(bucket<Tokens, Sequences, void, void>::template is_one_of_the_program<
                    typename Program::AllLengths, typename Program::AllBatches>,
                "Bucket: the program has no bucket of these numbers of tokens and sequences");
  using LabelsHere = typename In::template LabelsOf<Machine>;

  static void check(const void* const* inputs, const Names& names) {
    Machine::check_inputs(inputs, LabelsHere(names));
  }
  static void run(std::byte* arena, const void* const* inputs, const Names& names, runtime::CallTeam& team) {
    Machine::run_in(arena, inputs, LabelsHere(names), team);
  }

  static constexpr auto outputs = [] {
    std::array<Size, Machine::outputs.size()> begins{};
    for (std::size_t i = 0; i < begins.size(); ++i) begins[i] = Machine::outputs[i].offset;
    return begins;
  }();

  static constexpr Size bytes_moved() {
    const Graph graph = Machine::graph.thaw();
    Size bytes = 0;
    for (std::size_t i = Machine::plan.constants; i < Machine::plan.call_count; ++i)
      bytes += explaining::bytes_moved(graph, Machine::plan.calls[i],
                                       runtime::scalar_size<typename Program::Scalar>);
    return bytes;
  }

  static constexpr Facts facts{
      .sequences = Sequences,
      .tokens = Tokens,
      .arena_bytes = Machine::plan.arena_bytes,
      .flops = flops(Machine::graph),
      .bytes = bytes_moved(),
      .kernel_calls = static_cast<Size>(Part::kernel_calls()),
      .outputs = outputs.data(),
      .is_shared = Machine::is_shared,
      .scratch = Machine::shared_scratch,
      .compute_constants = &Machine::compute_constants,
      .check = &check,
      .run = &run,
  };
};

}  // namespace buckets

/// The bucket of a BucketedProgram for sequences of up to `Length` tokens, `Rows` at a time. It is compiled
/// where the program is, unless it is said to be elsewhere:
///
///     extern template struct ctgrad::Bucket<Embedder, 16, 8>;  // in the header that declares Embedder
///     template struct ctgrad::Bucket<Embedder, 16, 8>;         // in a source file of its own
template <class Program, Size Length, Size Rows>
struct Bucket {
  static const buckets::Facts& facts();
};

// Neither inline nor constexpr: a declaration of it as extern keeps compilers from looking into it.
template <class Program, Size Length, Size Rows>
const buckets::Facts& Bucket<Program, Length, Rows>::facts() {
  return buckets::Compiled<Program, Length, Rows>::facts;
}

}  // namespace ctgrad
