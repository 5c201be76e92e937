#pragma once

#include <ctgrad/autodiff/tree_vectors.hpp>
#include <ctgrad/autodiff/vmap.hpp>
#include <ctgrad/graph/define_struct.hpp>

/// Derivatives of trees by trees: a block for each array of the one and each of the other.
namespace ctgrad {

/// The derivatives of a Result by an Argument of which one at least is a struct, like a model: one matrix
/// with a row for every element of the result and a column for every element of the argument, both in the
/// order of `ravel`. What a program gives for it tells the blocks by the arrays' names (`BlocksView`).
template <class Result, class Argument>
struct Blocks {
  using Matrix = Tensor<autodiff::real_size<Result>(), autodiff::real_size<Argument>()>;
  BOOST_HANA_DEFINE_STRUCT(Blocks, (Matrix, matrix));
};

namespace autodiff {

template <Size Count, class Result, class Argument>
struct Batched<Count, Blocks<Result, Argument>> : Batched<Count, typename Blocks<Result, Argument>::Matrix> {
};

/// The shape of the Jacobian of a Result by an Argument.
template <class Result, class Argument>
constexpr Shape jacobian_shape() {
  Shape all = Result::shape;
  for (int axis = 0; axis < Argument::rank; ++axis) all.push_back(Argument::shape[axis]);
  return all;
}

/// The part of a matrix that belongs to one part of the rows and one of the columns: [Result..., Argument...]
/// for arrays, for std::tuples and std::arrays a tree like the result of trees like the argument, for structs
/// Blocks.
template <class Result, class Argument>
constexpr auto blocks(Value matrix, Size row, Size column);

/// Calls next(part's type, its first element) for every part of a sequence of trees, and gives the sequence
/// of what that gives.
template <class... Parts, class Next>
constexpr auto for_parts(std::type_identity<std::tuple<Parts...>>, Size first, const Next& next) {
  const auto part = [&]<class Part>(std::type_identity<Part> type) {
    const Size begin = first;
    first += real_size<Part>();
    return next(type, begin);
  };
  return std::tuple<decltype(part(std::type_identity<Parts>{}))...>{part(std::type_identity<Parts>{})...};
}
template <class Part, std::size_t Count, class Next>
constexpr auto for_parts(std::type_identity<std::array<Part, Count>>, Size first, const Next& next) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    using Block = decltype(next(std::type_identity<Part>{}, first));
    return std::array<Block, Count>{
        next(std::type_identity<Part>{}, first + static_cast<Size>(I) * real_size<Part>())...};
  }(std::make_index_sequence<Count>{});
}

template <class Result, class Argument>
constexpr auto blocks(Value matrix, Size row, Size column) {
  if constexpr (tree::IsSequence<Result>::value) {
    return for_parts(std::type_identity<Result>{}, row,
                     [&]<class Part>(std::type_identity<Part>, Size begin) {
                       return blocks<Part, Argument>(matrix, begin, column);
                     });
  } else if constexpr (tree::IsSequence<Argument>::value) {
    return for_parts(std::type_identity<Argument>{}, column,
                     [&]<class Part>(std::type_identity<Part>, Size begin) {
                       return blocks<Result, Part>(matrix, row, begin);
                     });
  } else {
    using Matrix = typename Blocks<Result, Argument>::Matrix;
    const std::int32_t from[max_rank] = {static_cast<std::int32_t>(row), static_cast<std::int32_t>(column)};
    const bool all = matrix.shape() == Matrix::shape;
    const Value block = all ? matrix : ops::slice(matrix, from, Matrix::shape);
    if constexpr (ArrayLike<Result> && ArrayLike<Argument>) {
      constexpr Shape shape = jacobian_shape<Result, Argument>();
      return array_of<Kind::real, shape>{ops::reshape(block, shape)};
    } else {
      return Blocks<Result, Argument>{Matrix{block}};
    }
  }
}

}  // namespace autodiff
}  // namespace ctgrad
