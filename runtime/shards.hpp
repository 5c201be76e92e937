#pragma once

#include <ctgrad/autodiff/weighted_sums.hpp>
#include <ctgrad/graph/tree.hpp>
#include <ctgrad/ops/fold_key.hpp>
#include <ctgrad/runtime/layout.hpp>
#include <ctgrad/runtime/static_call.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>

/// How the arguments and results of a program over a batch are those of programs over its equal parts.
namespace ctgrad {

/// An argument of a sharded program that all shards get whole, though it is an array.
template <class T>
struct Whole {
  static_assert(ArrayLike<T>, "Whole: says of an array that it is not cut; models and numbers never are");
};

namespace runtime {

/// What shards get of an array of an argument.
enum class Share : std::uint8_t {
  whole,  ///< all of it
  part,   ///< the rows of their samples: the first axis is the batch
  key,    ///< the same random numbers for the same samples: a Key, whose first sample is the shard's
};

/// A batch of B in S shards.
template <Size B, std::size_t S>
struct batch {
  static constexpr bool is_cut_into_equal_shards = S == 0 || B % static_cast<Size>(S) == 0;
};

template <class T>
struct sharded_argument {
  static constexpr bool is_no_tuple = !tree::IsSequence<T>::value;
};

/// An argument of a program in so many shards: `Given` is what the program takes, `Part` what a shard's
/// program does.
template <class T, std::size_t Shards>
struct ShardedArgument {
  static_assert(sharded_argument<T>::is_no_tuple,
                "ShardedProgram: a tuple or std::array is no argument; give its parts as arguments");
  using Given = T;
  using Part = T;
  static constexpr Share share = Share::whole;
  static constexpr Size batch = -1;  ///< none
};

template <class T, std::size_t Shards>
struct ShardedArgument<Whole<T>, Shards> {
  using Given = T;
  using Part = T;
  static constexpr Share share = Share::whole;
  static constexpr Size batch = -1;
};

template <std::size_t Shards>
struct ShardedArgument<Key, Shards> {
  using Given = Key;
  using Part = Key;
  static constexpr Share share = Share::key;
  static constexpr Size batch = -1;
};

template <Kind K, Size B, Size... D, std::size_t Shards>
  requires(!std::same_as<Array<K, B, D...>, Key>)
struct ShardedArgument<Array<K, B, D...>, Shards> {
  static_assert(
      runtime::batch<B, Shards>::is_cut_into_equal_shards,
      "ShardedProgram: the first axis of an array is the batch, which this number of shards does not "
      "divide; Whole<...> is an array that is not cut");
  using Given = Array<K, B, D...>;
  using Part = Array<K, B / static_cast<Size>(Shards > 0 ? Shards : 1), D...>;
  static constexpr Share share = Share::part;
  static constexpr Size batch = B;
};

/// What the shards' results become.
enum class Joining : std::uint8_t {
  mean,           ///< their mean: losses and gradients
  weighted_mean,  ///< their sum divided by the sum of their weights: the same of weighted means
  behind,         ///< one behind the other: rows of samples
};

/// A part of a result: of each shard `bytes`, from its output number `output` on.
struct JoinedPart {
  Joining joining = Joining::mean;
  std::size_t output = 0;
  std::size_t weight = 0;  ///< the output that holds the weight
  Size bytes = 0;
};

template <class T>
struct sharded_result {
  static constexpr bool is_a_mean_with_gradients_of_models_or_rows_of_samples = false;
};
/// Says of a function what it leaves open: which arrays of its result are gradients, if it is `grad(f)`.
template <class F>
struct sharded_function {
  static constexpr bool says_what_gradients_are = true;
};
template <class F>
struct sharded_function<const F> : sharded_function<F> {};
template <class F, int... Chosen>
struct sharded_function<autodiff::Grad<F, Chosen...>> {
  static constexpr bool says_what_gradients_are = false;
};
template <Optimize Passes, class F>
struct sharded_function<Optimized<Passes, F>> : sharded_function<F> {};

/// Says of a shard's graph, which has so many keys that are moved on to its samples, whether every random
/// mask has a row for each sample.
template <const auto& Graph, Size Samples, std::size_t Keys>
struct random_numbers {
  static constexpr bool are_those_of_samples = [] {
    for (std::int32_t id = 0; Keys > 0 && id < Graph.size(); ++id) {
      const Node& node = Graph[id];
      const bool drops = node.operation == &operation<ops::KeepMask>;
      const bool attends = node.operation == &operation<ops::Attention>;
      if (!drops && !(attends && ops::AttentionForm(node.attributes).threshold > 0)) continue;
      const Shape shape = drops ? node.type.shape : Graph[node.operands[0]].type.shape;
      if (shape.rank == 0 || shape[0] != Samples) return false;
    }
    return true;
  }();
};

/// Says of a shard's result whether it is made of a weighted mean's sums.
template <class T>
struct weighted_mean_in {
  static constexpr bool is_the_result = std::is_same_v<T, WeightedSum>;
};
template <class G>
struct weighted_mean_in<WeightedSumAndGradients<G>> {
  static constexpr bool is_the_result = true;
};

template <class T>
struct sharded_gradients {
  static constexpr bool are_of_models = StructTree<T>;
};
template <Size Rows, Size Samples>
struct first_axis {
  static constexpr bool is_the_batch = Rows == Samples;
};

/// A result of type T of a shard's program of `Samples` samples: what it is for `Shards` of them, and how it
/// becomes that: parts(list, output) appends its parts, of which the first is output number `output`, and
/// gives the number of the output behind them.
template <class Scalar, class T, Size Samples, std::size_t Shards>
struct ShardedResult {
  static_assert(
      sharded_result<T>::is_a_mean_with_gradients_of_models_or_rows_of_samples,
      "ShardedProgram: the function's result is a mean over the batch, or a weighted mean, by itself "
      "or with its gradients; arrays whose first axis is the batch; or a std::tuple of means and such "
      "arrays");
  using Joined = T;
  template <class List>
  static constexpr std::size_t parts(List&, std::size_t output) {
    return output;
  }
};

template <class Scalar, Size Samples, std::size_t Shards>
struct ShardedResult<Scalar, Tensor<>, Samples, Shards> {
  using Joined = Tensor<>;
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output) {
    list.push_back({Joining::mean, output, 0, static_cast<Size>(sizeof(Scalar))});
    return output + 1;
  }
};

template <class Scalar, Kind K, Size Rows, Size... D, Size Samples, std::size_t Shards>
struct ShardedResult<Scalar, Array<K, Rows, D...>, Samples, Shards> {
  static_assert(first_axis<Rows, Samples>::is_the_batch,
                "ShardedProgram: the first axis of an array of the function's result is the batch");
  using Joined = Array<K, Rows* static_cast<Size>(Shards), D...>;
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output) {
    list.push_back(
        {Joining::behind, output, 0, dense_bytes(Array<K, Rows, D...>::type, scalar_size<Scalar>)});
    return output + 1;
  }
};

template <class Scalar, class... T, Size Samples, std::size_t Shards>
struct ShardedResult<Scalar, std::tuple<T...>, Samples, Shards> {
  using Joined = std::tuple<typename ShardedResult<Scalar, T, Samples, Shards>::Joined...>;
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output) {
    ((output = ShardedResult<Scalar, T, Samples, Shards>::parts(list, output)), ...);
    return output;
  }
};

/// Gradients: of a model, a flat buffer, or of several models.
template <class Scalar, class G>
struct ShardedGradients {
  static_assert(sharded_gradients<G>::are_of_models,
                "ShardedProgram: gradients are those of models, which all shards share");
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output, Joining joining, std::size_t weight) {
    list.push_back({joining, output, weight, static_cast<Size>(flat_size<G, Scalar>() * sizeof(Scalar))});
    return output + leaf_count<G>();
  }
};
template <class Scalar, class... G>
struct ShardedGradients<Scalar, std::tuple<G...>> {
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output, Joining joining, std::size_t weight) {
    ((output = ShardedGradients<Scalar, G>::parts(list, output, joining, weight)), ...);
    return output;
  }
};

template <class Scalar, class G, Size Samples, std::size_t Shards>
struct ShardedResult<Scalar, ValueAndGradients<Tensor<>, G>, Samples, Shards> {
  using Gradients = ShardedGradients<Scalar, G>;
  static_assert(sizeof(Gradients) >= 1);  // so that an error in it is close to the user's line
  using Joined = ValueAndGradients<Tensor<>, G>;
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output) {
    output = ShardedResult<Scalar, Tensor<>, Samples, Shards>::parts(list, output);
    return Gradients::parts(list, output, Joining::mean, 0);
  }
};

template <class Scalar, Size Samples, std::size_t Shards>
struct ShardedResult<Scalar, WeightedSum, Samples, Shards> {
  using Joined = Tensor<>;
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output) {
    list.push_back({Joining::weighted_mean, output, output + 1, static_cast<Size>(sizeof(Scalar))});
    return output + 2;
  }
};

template <class Scalar, class G, Size Samples, std::size_t Shards>
struct ShardedResult<Scalar, WeightedSumAndGradients<G>, Samples, Shards> {
  using Gradients = ShardedGradients<Scalar, G>;
  static_assert(sizeof(Gradients) >= 1);  // so that an error in it is close to the user's line
  using Joined = ValueAndGradients<Tensor<>, G>;
  template <class List>
  static constexpr std::size_t parts(List& list, std::size_t output) {
    const std::size_t next = ShardedResult<Scalar, WeightedSum, Samples, Shards>::parts(list, output);
    return Gradients::parts(list, next, Joining::weighted_mean, output + 1);
  }
};

}  // namespace runtime
}  // namespace ctgrad
