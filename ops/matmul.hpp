#pragma once

#include <ctgrad/kernels/bf16_product.hpp>
#include <ctgrad/kernels/blas.hpp>
#include <ctgrad/kernels/matmul.hpp>
#include <ctgrad/ops/broadcast.hpp>
#include <ctgrad/ops/permute.hpp>

namespace ctgrad::ops {

/// Matrix products [..., rows, inner] [..., inner, columns] -> [..., rows, columns] over equal leading axes.
/// Attributes: whether the left and the right matrix are stored transposed.
struct Matmul {
  static constexpr auto name = "matmul";
  static auto onnx(const auto& x) {
    const auto matrix = [&](int i) {
      return x.attributes().integers[i] == 0 ? x[i] : last_axes_swapped(x[i], x.shape().rank);
    };
    return x.shape(0).size() == 0 ? x.filled(0) : x("MatMul", matrix(0), matrix(1));
  }
  static constexpr Linearity linearity = Linearity::bilinear;
  static constexpr ZeroRule zero_rule = ZeroRule::multiplied;
  static constexpr bool has_epilogue = true;
  static constexpr std::uint32_t reads_bf16 = 3;
  static constexpr bool writes_bf16 = true;

  static constexpr Type infer(const Type* x, const Attributes& transposed) {
    require_kind(name, x, 0, Kind::real);
    require_kind(name, x, 1, Kind::real);
    const int rank = x[0].shape.rank;
    bool fits = rank >= 2 && x[1].shape.rank == rank;
    kernels::MatmulShape product;
    if (fits) {
      product = extents(x[0].shape, x[1].shape, transposed);
      fits = product.inner == x[1].shape[rank - (transposed.integers[1] != 0 ? 1 : 2)];
    }
    for (int axis = 0; fits && axis < rank - 2; ++axis) fits = x[0].shape[axis] == x[1].shape[axis];
    if (!fits) {
      throw std::invalid_argument("matmul: " + to_string(x[0].shape) + " and " + to_string(x[1].shape) +
                                  " do not multiply");
    }
    Type type = x[0];
    type.shape[rank - 2] = product.rows;
    type.shape[rank - 1] = product.columns;
    return type;
  }

  static constexpr Samples samples() {
    using namespace sample;
    Samples samples{{{{real(1, 1), real(1, 1)}},
                     {{real(1, 19), real(19, 1)}},
                     {{real(5, 1), real(1, 7)}},
                     {{real(9, 3), real(3, 18)}},
                     {{real(2, 2, 4, 2), real(2, 2, 2, 3)}},
                     {{real(0, 3), real(3, 2)}},
                     {{real(2, 0), real(0, 3)}},
                     {{real(0, 2, 3), real(0, 3, 2)}}},
                    {{{real(2, 3), real(2, 3)}},
                     {{real(2, 3), real(3, 2)}, {.integers = {1}}},
                     {{real(3), real(3)}},
                     {{real(), real()}},
                     {{real(2, 2, 3), real(3, 2)}},
                     {{real(2, 2, 3), real(3, 3, 2)}},
                     {{real(2, 3), index(3, 2)}}}};
    for (const std::int32_t left : {0, 1}) {
      for (const std::int32_t right : {0, 1}) {
        const Attributes transposed{.integers = {left, right}};
        const Sample::Operand matrix[] = {real(2, 3), real(3, 2), real(3, 4), real(4, 3)};
        const Sample::Operand stack[] = {real(2, 1, 3), real(2, 3, 1), real(2, 3, 5), real(2, 5, 3)};
        samples.accepted.push_back({{matrix[left], matrix[2 + right]}, transposed});
        samples.accepted.push_back({{stack[left], stack[2 + right]}, transposed});
      }
    }
    return samples;
  }

  /// Stacks of matrices lie anywhere; of the two axes of a matrix one has stride 1.
  static constexpr bool accepts_strides(const Shape& shape, const Shape& strides) {
    const int rank = shape.rank;
    const bool rows = strides[rank - 1] == 1 && (strides[rank - 2] > 0 || shape[rank - 2] == 1);
    const bool columns = strides[rank - 2] == 1 && (strides[rank - 1] > 0 || shape[rank - 1] == 1);
    return shape.size() > 0 && (rows || columns);
  }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr kernels::MatmulShape product = stored_product<Call>();
    constexpr Size size = product.rows * product.columns;
    constexpr Size batch = size == 0 ? 0 : Call::shape.size() / size;
    static constexpr Shape left = Call::strides(0);
    static constexpr Shape right = Call::strides(1);
    // Of a stack, threads share the products; of one product, its columns.
    const auto part = Call::part(p);
    const kernels::CallPart columns = batch == 1 ? kernels::CallPart(part) : kernels::WholeCall{};
    const Size end = batch == 1 ? 1 : part.end(batch);
    for (Size i = batch == 1 ? 0 : part.begin(batch); i < end; ++i) {
      auto* c = Call::result(p) + i * size;
      const auto* a = Call::template operand<0>(p) + stacked(i, Call::operand_shape(0), left);
      const auto* b = Call::template operand<1>(p) + stacked(i, Call::operand_shape(1), right);
      if constexpr (Call::planned.bf16 != 0) {
        kernels::bf16_matmul<product>(c, a, b, p.scratch, epilogue<Call>(p, i * product.rows));
      } else {
        kernels::matmul_or_blas<product>(c, a, b, p.scratch, epilogue<Call>(p, i * product.rows), columns);
      }
    }
  }

  /// A product and a sum for every inner element.
  static constexpr Size flops(const Type* x, const Type& result, const Attributes& transposed) {
    return 2 * result.shape.size() * extents(x[0].shape, x[1].shape, transposed).inner;
  }

  static constexpr Size parts(const Type* x, const Type& result, const Attributes& transposed) {
    const kernels::MatmulShape product = extents(x[0].shape, x[1].shape, transposed);
    const Size size = product.rows * product.columns, batch = size == 0 ? 0 : result.shape.size() / size;
    if (batch != 1) return batch;
    const Size panel = kernels::tile_vectors(product.rows) * kernels::lanes_of<float>;
    return kernels::has_parts_beside_blas(product) ? (product.columns + panel - 1) / panel : 1;
  }

  static constexpr Size scratch(const Type* x, const Type&, const Attributes& transposed) {
    return kernels::scratch_count(extents(x[0].shape, x[1].shape, transposed));
  }

  static constexpr Size bf16_scratch(const Type* x, const Type&, const Attributes& transposed) {
    return kernels::bf16_scratch_count(extents(x[0].shape, x[1].shape, transposed));
  }

  /// The product as its operands are stored.
  template <class Call>
  static constexpr kernels::MatmulShape stored_product() {
    auto product = extents(Call::operand_shape(0), Call::operand_shape(1), Call::product_attributes());
    product.left_stride = stride_of_rows(Call::operand_shape(0), Call::strides(0), product.transpose_left);
    product.right_stride = stride_of_rows(Call::operand_shape(1), Call::strides(1), product.transpose_right);
    product.accumulate = Call::planned.accumulates;
    return product;
  }

  /// The distance between rows of a matrix, 0 if they lie in one piece; one whose columns do so is the
  /// transpose of what is stored.
  static constexpr Size stride_of_rows(const Shape& shape, const Shape& strides, bool& transposed) {
    const int rank = shape.rank;
    int row = rank - 2;
    int column = rank - 1;
    if (shape[column] != 1 && strides[column] != 1) {
      transposed = !transposed;
      std::swap(row, column);
    }
    return shape[row] == 1 || strides[row] == shape[column] ? 0 : strides[row];
  }

  /// The distance of matrix `i` of a stack from the first.
  static constexpr Size stacked(Size i, const Shape& shape, const Shape& strides) {
    Size offset = 0;
    for (int axis = shape.rank - 3; axis >= 0; --axis) {
      offset += i % shape[axis] * strides[axis];
      i /= shape[axis];
    }
    return offset;
  }

  /// Nothing where the product is all that the call computes, so that such products of a shape share a
  /// kernel.
  template <class Call>
  static auto epilogue(const Pointers& p, Size first) {
    if constexpr (Call::planned.product >= 0 && !Call::planned.accumulates) {
      return Epilogue<Call>{p, first};
    } else {
      return kernels::NoEpilogue{};
    }
  }

  /// What a call's group makes of the elements of a product, from its row `first` of all on.
  template <class Call>
  struct Epilogue {
    const Pointers& p;
    Size first;

    /// Finishes `rows` times `columns` elements from (row, column) on, `stride` from row to row.
    template <Size Rows, Size Columns, class T>
    void finish(T* c, Size row, Size column, Size stride) const {
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        CTGRAD_ROLLED
        for (Size i = 0; i < Rows; ++i) {
          CTGRAD_INDEPENDENT
          for (Size j = 0; j < Columns; ++j) {
            T& element = c[i * stride + j];
            element = Call::evaluate(
                std::tuple{Call::template read<I + 2>(p, first + row + i, column + j)...}, element);
          }
        }
      }(std::make_index_sequence<static_cast<std::size_t>(Call::operand_count - Call::first_read)>{});
    }
  };

  static constexpr Value transpose(const TransposeArguments& t);
  static constexpr Value batch(const BatchArguments& b);

  static constexpr kernels::MatmulShape extents(const Shape& left, const Shape& right,
                                                const Attributes& transposed) {
    const bool l = transposed.integers[0] != 0;
    const bool r = transposed.integers[1] != 0;
    const int rank = left.rank;
    return {left[rank - (l ? 1 : 2)], right[rank - (r ? 2 : 1)], left[rank - (l ? 2 : 1)], l, r};
  }
};

/// Takes a permutation that only swaps the last two axes off a matrix; says whether there was one.
constexpr bool strip_transpose(Value& x) {
  if (x.node().operation != &operation<Permute>) return false;
  const int rank = x.shape().rank;
  for (int axis = 0; axis < rank - 2; ++axis) {
    if (x.node().attributes.integers[axis] != axis) return false;
  }
  x = x.operand(0);
  return true;
}

/// Two stacks of matrices with equal leading axes.
constexpr Value matmul(Value left, Value right, bool transpose_left = false, bool transpose_right = false) {
  if (left.absent() || right.absent()) return {};
  Attributes transposed;
  transposed.integers[0] = strip_transpose(left) != transpose_left ? 1 : 0;
  transposed.integers[1] = strip_transpose(right) != transpose_right ? 1 : 0;
  return emit<Matmul>(transposed, left, right);
}

constexpr Value Matmul::transpose(const TransposeArguments& t) {
  const bool l = t.attributes.integers[0] != 0;
  const bool r = t.attributes.integers[1] != 0;
  const Value other = t.operands[1 - t.operand];
  if (t.operand == 0) return l ? matmul(other, t.cotangent, r, true) : matmul(t.cotangent, other, false, !r);
  return r ? matmul(t.cotangent, other, true, l) : matmul(other, t.cotangent, !l, false);
}

/// The leading axes of a stack of matrices.
constexpr Shape batch_shape(const Shape& shape) {
  Shape batch{{}, shape.rank - 2};
  for (int axis = 0; axis < batch.rank; ++axis) batch[axis] = shape[axis];
  return batch;
}

constexpr Shape with_matrix(Shape batch, Size rows, Size columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}

/// NumPy's matmul for ranks of at least 2: leading axes broadcast. One matrix on the right makes one large
/// product.
constexpr Value matmul_broadcast(Value left, Value right) {
  const Shape l = left.shape();
  const Shape r = right.shape();
  if (r.rank == 2 && l.rank > 2) {
    const Value flat = reshape(left, shape_of(l.rows(), l.last()));
    return reshape(matmul(flat, right), with_matrix(batch_shape(l), l[l.rank - 2], r.last()));
  }
  const Shape batch = broadcast_shape(batch_shape(l), batch_shape(r));
  return matmul(broadcast_to(left, with_matrix(batch, l[l.rank - 2], l.last())),
                broadcast_to(right, with_matrix(batch, r[r.rank - 2], r.last())));
}

}  // namespace ctgrad::ops

namespace ctgrad {

/// Says whether the columns of a left matrix are as many as the rows of a right one.
template <Size LeftColumns, Size RightRows>
struct inner_dimensions {
  static constexpr bool agree = LeftColumns == RightRows;
};

/// Matrix product of the last two axes; leading axes broadcast. A vector on the left is a row, on the right a
/// column, and its axis is dropped from the result, as in NumPy.
template <Size... A, Size... B>
constexpr auto matmul(const Tensor<A...>& left, const Tensor<B...>& right) {
  using Left = Tensor<A...>;
  using Right = Tensor<B...>;
  static_assert(Left::rank >= 1 && Right::rank >= 1, "matmul: a scalar is no matrix");
  if constexpr (Left::rank == 1) {
    const auto product = matmul(reshape<1, A...>(left), right);
    return reshape_to<dropped_axis(decltype(product)::shape, -2)>(product);
  } else if constexpr (Right::rank == 1) {
    const auto product = matmul(left, reshape<B..., 1>(right));
    return reshape_to<dropped_axis(decltype(product)::shape, -1)>(product);
  } else {
    static_assert(inner_dimensions<Left::shape.last(), Right::shape[Right::rank - 2]>::agree,
                  "matmul: the columns of left (first number) are not the rows of right (second number)");
    constexpr Shape lead = ops::batch_shape(Left::shape);
    constexpr Shape right_lead = ops::batch_shape(Right::shape);
    static_assert(shapes<array_of<Kind::real, lead>, array_of<Kind::real, right_lead>>::broadcast,
                  "matmul: the leading axes do not broadcast");
    using Result = array_of<Kind::real, ops::with_matrix(broadcast_shape(lead, right_lead),
                                                         Left::shape[Left::rank - 2], Right::shape.last())>;
    Graph& graph = graph_of(left, right);
    return Result{ops::matmul_broadcast(left.in(graph), right.in(graph))};
  }
}

}  // namespace ctgrad
