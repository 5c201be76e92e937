#pragma once

#include <ctgrad/graph/tensor.hpp>
#include <ctgrad/kernels/scatter.hpp>
#include <ctgrad/ops/constant.hpp>
#include <ctgrad/ops/pointers.hpp>
#include <ctgrad/ops/require.hpp>
#include <ctgrad/ops/sample.hpp>

/// Rows of a table chosen by ids, and the addition of rows at ids: each the transpose of the other.
namespace ctgrad::ops {

constexpr Value scatter_add(Value rows, Value ids, const Shape& table);

/// table [vocabulary, ...], ids [...] -> the ids' shape followed by the table's other axes: row ids[p] at
/// every position p.
struct Gather {
  static constexpr auto name = "gather";
  static auto onnx(const auto& x) { return along("Gather", 0, x[0], x[1]); }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::summed;
  static constexpr bool moves = true;
  static constexpr bool chooses_rows = true;
  static constexpr std::uint32_t reads_bf16 = 1;
  static constexpr bool writes_bf16 = true;
  static constexpr int ids_operand = 1;
  static constexpr Size id_limit(const Type* operands, const Type&, const Attributes&) {
    return operands[0].shape[0];
  }

  static constexpr Type infer(const Type* x, const Attributes&) {
    require_kind(name, x, 0, Kind::real);
    require_axes(name, x[0]);
    require_kind(name, x, 1, Kind::index);
    return {x[0].kind, rows_shape(x[0].shape, x[1].shape)};
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real(5), index()}},
             {{real(5), index(3)}},
             {{real(1, 3), index(4)}},
             {{real(5, 2), index()}},
             {{real(5, 2), index(2, 3)}},
             {{real(4, 2, 3), index(3)}},
             {{real(4, 2), index(2, 1, 3)}},
             {{real(4, 2), index(0)}},
             {{real(4, 0), index(3)}}},
            {{{real(), index(2)}}, {{real(5, 2), real(2)}}, {{index(5, 2), index(2)}}}};
  }

  static constexpr Shape rows_shape(const Shape& table, const Shape& ids) {
    Shape shape = ids;
    for (int axis = 1; axis < table.rank; ++axis) shape.push_back(table[axis]);
    return shape;
  }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr Size count = Call::operand_shape(1).size();
    constexpr Size width = count == 0 ? 0 : Call::shape.size() / count;
    for (Size i = 0; i < count; ++i) {
      const auto* row = Call::template operand<0>(p) + Call::template operand<1>(p)[i] * width;
      for (Size j = 0; j < width; ++j)
        Call::result(p)[i * width + j] = kernels::stored_as<typename Call::Stored>(kernels::to_float(row[j]));
    }
  }

  static constexpr Value batch(const BatchArguments& b);

  static constexpr Value transpose(const TransposeArguments& t) {
    return scatter_add(t.cotangent, t.operands[1], t.operand_type.shape);
  }
};

/// rows, ids -> a table of zeros to which every row was added at its id; repeated ids accumulate, in the
/// order of positions. Attributes: the table's shape.
struct ScatterAdd {
  static constexpr auto name = "scatter_add";
  static auto onnx(const auto& x) {
    if (x.shape(0).size() == 0) return x.filled(0);
    return scatter_added(x.filled(0), x[1], x[0]);
  }
  static constexpr Linearity linearity = Linearity::linear;
  static constexpr ZeroRule zero_rule = ZeroRule::scattered;
  static constexpr bool chooses_rows = true;
  static constexpr std::uint32_t reads_bf16 = 1;
  static constexpr int ids_operand = 1;
  static constexpr Size id_limit(const Type*, const Type& table, const Attributes&) { return table.shape[0]; }

  static constexpr Type infer(const Type* x, const Attributes& table) {
    require_kind(name, x, 0, Kind::real);
    require_kind(name, x, 1, Kind::index);
    if (table.shape.rank == 0 || !(x[0].shape == Gather::rows_shape(table.shape, x[1].shape))) {
      throw std::invalid_argument("scatter_add: rows of shape " + to_string(x[0].shape) +
                                  " for ids of shape " + to_string(x[1].shape) + " and a table of shape " +
                                  to_string(table.shape));
    }
    return {x[0].kind, table.shape};
  }

  static constexpr Samples samples() {
    using namespace sample;
    return {{{{real(), index()}, {.shape = shape_of(5)}},
             {{real(6), index(6)}, {.shape = shape_of(3)}},
             {{real(4, 3), index(4)}, {.shape = shape_of(1, 3)}},
             {{real(2), index()}, {.shape = shape_of(5, 2)}},
             {{real(2, 3, 2), index(2, 3)}, {.shape = shape_of(3, 2)}},
             {{real(3, 2, 3), index(3)}, {.shape = shape_of(4, 2, 3)}},
             {{real(2, 1, 3, 2), index(2, 1, 3)}, {.shape = shape_of(4, 2)}},
             {{real(0, 2), index(0)}, {.shape = shape_of(4, 2)}},
             {{real(3, 0), index(3)}, {.shape = shape_of(4, 0)}}},
            {{{real(3, 2), index(3)}, {.shape = shape_of(4, 3)}},
             {{real(3, 2), index(4)}, {.shape = shape_of(4, 2)}},
             {{real(3), index(3)}, {.shape = shape_of()}},
             {{real(3, 2), real(3)}, {.shape = shape_of(4, 2)}},
             {{index(3, 2), index(3)}, {.shape = shape_of(4, 2)}}}};
  }

  template <class Call>
  static void run(const Pointers& p) {
    constexpr Size count = Call::operand_shape(1).size();
    constexpr Size width = count == 0 ? 0 : Call::operand_shape(0).size() / count;
    constexpr Size size = Call::shape.size();
    const auto* rows = Call::template operand<0>(p);
    const auto* ids = Call::template operand<1>(p);
    auto* table = Call::result(p);
    if constexpr (kernels::scatters_in_double(count, Call::shape[0])) {
      kernels::scatter_add<count, width>(p.scratch, size, rows, ids);
      for (Size i = 0; i < size; ++i) table[i] = static_cast<typename Call::Element>(p.scratch[i]);
    } else {
      kernels::scatter_add<count, width>(table, size, rows, ids);
    }
  }

  static constexpr Size scratch(const Type* x, const Type& table, const Attributes&) {
    return kernels::scatters_in_double(x[1].shape.size(), table.shape[0]) ? table.shape.size() : 0;
  }

  static constexpr Value batch(const BatchArguments& b);

  static constexpr Value transpose(const TransposeArguments& t) {
    return t.cotangent.absent() ? t.cotangent : emit<Gather>(t.cotangent, t.operands[1]);
  }
};

constexpr Value gather(Value table, Value ids) { return table.absent() ? table : emit<Gather>(table, ids); }

constexpr Value scatter_add(Value rows, Value ids, const Shape& table) {
  Attributes attributes;
  attributes.shape = table;
  return rows.absent() ? rows : emit<ScatterAdd>(attributes, rows, ids);
}

template <Kind K>
struct ids {
  static constexpr bool are_integers = K == Kind::index;
};

}  // namespace ctgrad::ops

namespace ctgrad {

/// Row ids[p] of the table at every position p: table [vocabulary, width], ids [...] -> [..., width]. Running
/// a program with an id outside [0, vocabulary) throws std::out_of_range before any result has changed.
template <Size... T, Kind K, Size... I>
constexpr auto embedding(const Tensor<T...>& table, const Array<K, I...>& ids) {
  static_assert(ops::ids<K>::are_integers, "embedding: ids are an Index, not a Tensor of real numbers");
  static_assert(sizeof...(T) >= 1, "embedding: a scalar has no rows");
  Graph& graph = graph_of(table, ids);
  return array_of<Kind::real, ops::Gather::rows_shape(Tensor<T...>::shape, Array<K, I...>::shape)>{
      ops::gather(table.in(graph), ids.in(graph))};
}

/// The transpose of `embedding`: a table of zeros to which rows[p] is added at row ids[p], for every position
/// p.
template <Size... Table, Size... R, Size... I>
constexpr auto scatter_add(const Tensor<R...>& rows, const Index<I...>& ids) {
  using Rows = array_of<Kind::real, ops::Gather::rows_shape(shape_of(Table...), Index<I...>::shape)>;
  static_assert(shapes<Tensor<R...>, Rows>::equal, "scatter_add: the rows do not fit the ids and the table");
  Graph& graph = graph_of(rows, ids);
  return Tensor<Table...>{ops::scatter_add(rows.in(graph), ids.in(graph), shape_of(Table...))};
}

}  // namespace ctgrad
