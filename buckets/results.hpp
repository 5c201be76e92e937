#pragma once

#include <ctgrad/autodiff/weighted_sums.hpp>
#include <ctgrad/nn/token_batch.hpp>
#include <ctgrad/runtime/outputs.hpp>
#include <ctgrad/runtime/shards.hpp>

#include <array>
#include <tuple>

/// What a function gives in a bucket, and what becomes of it over all sequences of a call.
namespace ctgrad::buckets {

/// What the results of a call's runs become.
enum class Joining : std::uint8_t {
  rows,       ///< one row for each sequence, in the caller's order
  tokens,     ///< the same, with rows for each token
  mean,       ///< a mean by weights over all runs
  gradients,  ///< its gradients
};

/// A part of a result. It begins at output number `output` of a bucket's graph.
struct Part {
  Joining joining = Joining::rows;
  std::size_t output = 0;
  std::size_t bytes = 0;  ///< of one sequence (rows), of one token (tokens), or of all
};

/// Results of all buckets alike: the types that tell them apart.
template <Kind K, Size... D>
struct Rows {};
template <Kind K, Size... D>
struct TokenRows {};
struct Mean {};
template <class G>
struct MeanAndGradients {};

/// The result of a bucket of so many sequences.
template <class T, Size Sequences>
struct bucketed_result {
  static constexpr bool is_rows_of_sequences_or_a_mean_by_weights = false;
  static constexpr bool is_a_mean_by_weights = false;
};
template <class G>
struct gradients {
  static constexpr bool are_of_models = StructTree<G>;
};
template <class... G>
struct gradients<std::tuple<G...>> {
  static constexpr bool are_of_models = (StructTree<G> && ...);
};

/// A result of type T of a bucket of so many sequences and tokens, without these numbers.
template <class T, Size RowCount, Size Length>
struct ResultOf {
  static_assert(
      bucketed_result<T, RowCount>::is_rows_of_sequences_or_a_mean_by_weights,
      "BucketedProgram: the function's result is an array with a row for each sequence, a std::tuple "
      "of such arrays, or a mean by weights, by itself or by value_and_grad");
  using type = Rows<Kind::real>;
};
template <Size RowCount, Size Length>
struct ResultOf<Tensor<>, RowCount, Length> {
  static_assert(bucketed_result<Tensor<>, RowCount>::is_a_mean_by_weights,
                "BucketedProgram: a loss is a mean by weights, so that padding counts nothing: "
                "tokens.mean(losses), or cross_entropy(logits, targets, tokens.token_weights())");
  using type = Mean;
};
template <class G, Size RowCount, Size Length>
struct ResultOf<ValueAndGradients<Tensor<>, G>, RowCount, Length> : ResultOf<Tensor<>, RowCount, Length> {};
template <Kind K, Size... D, Size RowCount, Size Length>
struct ResultOf<Array<K, RowCount, D...>, RowCount, Length> {
  using type = Rows<K, D...>;
};
template <Kind K, Size... D, Size RowCount, Size Length>
struct ResultOf<PerToken<Array<K, RowCount, Length, D...>>, RowCount, Length> {
  using type = TokenRows<K, D...>;
};
template <Size RowCount, Size Length>
struct ResultOf<WeightedSum, RowCount, Length> {
  using type = Mean;
};
template <class G, Size RowCount, Size Length>
struct ResultOf<WeightedSumAndGradients<G>, RowCount, Length> {
  static_assert(gradients<G>::are_of_models,
                "BucketedProgram: gradients are those of models, which all buckets share");
  using type = MeanAndGradients<G>;
};
template <class... T, Size RowCount, Size Length>
struct ResultOf<std::tuple<T...>, RowCount, Length> {
  using type = std::tuple<typename ResultOf<T, RowCount, Length>::type...>;
};

/// What a call came to: how large its results are.
struct Extent {
  std::size_t sequences = 0;
  std::size_t tokens = 0;  ///< of the longest one

  constexpr std::size_t bytes(const Part& part) const {
    if (part.joining == Joining::rows) return part.bytes * sequences;
    return part.joining == Joining::tokens ? part.bytes * sequences * tokens : part.bytes;
  }
};

/// A result over all runs. append(list, output) writes its parts, the first of which begins at that output of
/// a bucket, and gives the number of the output behind; read(memory, part) takes the number of the first
/// part.
template <class Scalar, class Result>
struct Joined;

/// Where the parts of a call's results lie in their memory.
struct Memory {
  const runtime::SharedArena& arena;
  const std::size_t* begins;
  Extent extent;

  template <class Element>
  const Element* at(std::size_t part) const {
    return reinterpret_cast<const Element*>(arena.data() + begins[part]);
  }
};

template <class Scalar, Kind K, Size... D>
struct Joined<Scalar, Rows<K, D...>> {
  static constexpr std::size_t parts = 1;
  static constexpr auto bytes =
      static_cast<std::size_t>(dense_bytes(Array<K, D...>::type, runtime::scalar_size<Scalar>));

  static constexpr std::size_t append(Part* list, std::size_t output) {
    list[0] = {Joining::rows, output, bytes};
    return output + 1;
  }
  static auto read(const Memory& memory, std::size_t part) {
    using Element = runtime::ElementOf<K, Scalar>;
    return ResultArray<Element, 1 + sizeof...(D)>(
        memory.at<Element>(part), {memory.extent.sequences, static_cast<std::size_t>(D)...}, memory.arena);
  }
};

template <class Scalar, Kind K, Size... D>
struct Joined<Scalar, TokenRows<K, D...>> {
  static constexpr std::size_t parts = 1;

  static constexpr std::size_t append(Part* list, std::size_t output) {
    list[0] = {Joining::tokens, output, Joined<Scalar, Rows<K, D...>>::bytes};
    return output + 1;
  }
  static auto read(const Memory& memory, std::size_t part) {
    using Element = runtime::ElementOf<K, Scalar>;
    return ResultArray<Element, 2 + sizeof...(D)>(
        memory.at<Element>(part),
        {memory.extent.sequences, memory.extent.tokens, static_cast<std::size_t>(D)...}, memory.arena);
  }
};

template <class Scalar>
struct Joined<Scalar, Mean> {
  static constexpr std::size_t parts = 1;

  /// The total, and behind it the weight.
  static constexpr std::size_t append(Part* list, std::size_t output) {
    list[0] = {Joining::mean, output, sizeof(Scalar)};
    return output + 2;
  }
  static Scalar read(const Memory& memory, std::size_t part) { return *memory.at<Scalar>(part); }
};

/// The gradients of one model.
template <class Scalar, class G>
struct Joined<Scalar, MeanAndGradients<G>> {
  static constexpr std::size_t parts = 2;

  static constexpr std::size_t append(Part* list, std::size_t output) {
    output = Joined<Scalar, Mean>::append(list, output);
    list[1] = {Joining::gradients, output, runtime::flat_size<G, Scalar>() * sizeof(Scalar)};
    return output + leaf_count<G>();
  }
  static auto read(const Memory& memory, std::size_t part) {
    return ValueAndGradients<Scalar, Gradients<G, Scalar>>{
        Joined<Scalar, Mean>::read(memory, part),
        Gradients<G, Scalar>(memory.at<Scalar>(part + 1), memory.arena)};
  }
};

/// The gradients of several models.
template <class Scalar, class... G>
struct Joined<Scalar, MeanAndGradients<std::tuple<G...>>> {
  static constexpr std::size_t parts = 1 + sizeof...(G);

  static constexpr std::size_t append(Part* list, std::size_t output) {
    output = Joined<Scalar, Mean>::append(list++, output);
    ((*list++ = {Joining::gradients, output, runtime::flat_size<G, Scalar>() * sizeof(Scalar)},
      output += leaf_count<G>()),
     ...);
    return output;
  }
  static auto read(const Memory& memory, std::size_t part) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      using All = Results<Gradients<G, Scalar>...>;
      return ValueAndGradients<Scalar, All>{
          Joined<Scalar, Mean>::read(memory, part),
          All{Gradients<G, Scalar>(memory.at<Scalar>(part + 1 + I), memory.arena)...}};
    }(std::index_sequence_for<G...>{});
  }
};

template <class Scalar, class... T>
struct Joined<Scalar, std::tuple<T...>> {
  static constexpr std::size_t parts = (std::size_t{0} + ... + Joined<Scalar, T>::parts);

  static constexpr std::size_t append(Part* list, std::size_t output) {
    ((output = Joined<Scalar, T>::append(list, output), list += Joined<Scalar, T>::parts), ...);
    return output;
  }
  static auto read(const Memory& memory, std::size_t part) {
    const auto next = [&]<class One>(std::type_identity<One>) {
      const std::size_t begin = part;
      part += Joined<Scalar, One>::parts;
      return Joined<Scalar, One>::read(memory, begin);
    };
    return Results<decltype(next(std::type_identity<T>{}))...>{next(std::type_identity<T>{})...};
  }
};

/// The parts of a result as a constant.
template <class Scalar, class Result>
inline constexpr auto parts_of = [] {
  std::array<Part, Joined<Scalar, Result>::parts> list{};
  Joined<Scalar, Result>::append(list.data(), 0);
  return list;
}();

}  // namespace ctgrad::buckets
