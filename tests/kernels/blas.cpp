#include <support/allocations.hpp>
#include <support/arrays.hpp>
#include <support/catch.hpp>
#include <support/draw.hpp>

#include <ctgrad/nn/linear.hpp>
#include <ctgrad/ops/activations.hpp>
#include <ctgrad/ops/slice.hpp>
#include <ctgrad/runtime/machine.hpp>
#include <ctgrad/runtime/trace.hpp>

#include <vector>

#include <xtensor-blas/xblas.hpp>

/// Which products go to a BLAS, and how. This program has one of its own in the place of the linked one:
/// plain loops that note what they are asked for.
namespace ctgrad::test::blas {

struct Call {
  Size rows, columns, inner;
  bool transpose_left, transpose_right, accumulate;
  const void *a, *b, *c;
  int threads;
};

struct State {
  std::vector<Call> calls{};
  int threads = 0;  ///< what openblas_set_num_threads was told last; 0: nothing yet
};
inline State state;

template <class T>
void gemm(CBLAS_ORDER order, CBLAS_TRANSPOSE left, CBLAS_TRANSPOSE right, int m, int n, int k, T alpha,
          const T* a, int a_row, const T* b, int b_row, T beta, T* c, int c_row) {
  const bool l = left == CblasTrans;
  const bool r = right == CblasTrans;
  if (order != CblasRowMajor || alpha != 1 || (beta != 0 && beta != 1)) return;
  state.calls.push_back({m, n, k, l, r, beta == 1, a, b, c, state.threads});
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      double sum = beta == 1 ? static_cast<double>(c[i * c_row + j]) : 0;
      for (int x = 0; x < k; ++x) {
        sum += static_cast<double>(l ? a[x * a_row + i] : a[i * a_row + x]) *
               static_cast<double>(r ? b[j * b_row + x] : b[x * b_row + j]);
      }
      c[i * c_row + j] = static_cast<T>(sum);
    }
  }
}

}  // namespace ctgrad::test::blas

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): these are named as in the rest of the
// tree
extern "C" {
void cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE left, CBLAS_TRANSPOSE right, int m, int n, int k,
                 float alpha, const float* a, int a_row, const float* b, int b_row, float beta, float* c,
                 int c_row) {
  ctgrad::test::blas::gemm(order, left, right, m, n, k, alpha, a, a_row, b, b_row, beta, c, c_row);
}
void cblas_dgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE left, CBLAS_TRANSPOSE right, int m, int n, int k,
                 double alpha, const double* a, int a_row, const double* b, int b_row, double beta, double* c,
                 int c_row) {
  ctgrad::test::blas::gemm(order, left, right, m, n, k, alpha, a, a_row, b, b_row, beta, c, c_row);
}
void openblas_set_num_threads(int count) { ctgrad::test::blas::state.threads = count; }
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

namespace ctgrad::test {

namespace {

#ifdef CTGRAD_BLAS
constexpr bool with_blas = true;
#else
constexpr bool with_blas = false;
#endif

constexpr Size rows = 64, columns = 160, inner = 128, few = 4, most = inner - 1;
using Left = Tensor<rows, inner>;
using Right = Tensor<inner, columns>;
using LeftStored = Tensor<inner, rows>;
using RightStored = Tensor<columns, inner>;
using Bias = Tensor<columns>;
using Wide = Tensor<rows, kernels::longest_inner + 8>;
using Tall = Tensor<kernels::longest_inner + 8, columns>;

/// Dense products, one with an end and two that are summed up; a small one; one with gaps between the rows of
/// its left operand; one along a long axis.
constexpr auto products = [](auto a, auto b, auto at, auto bt, auto bias, auto wide, auto tall) {
  return std::tuple{relu(matmul(a, b) + bias), matmul(transpose(at), b) + matmul(a, transpose(bt)),
                    matmul(slice<0, 0, few>(a), b), matmul(slice<1, 0, most>(a), slice<0, 0, most>(b)),
                    matmul(wide, tall)};
};
using Products = runtime::Trace<products, Left, Right, LeftStored, RightStored, Bias, Wide, Tall>;

constexpr bool large_ones = rows * columns * inner >= kernels::blas_least;
constexpr bool small_ones_too = few * columns * inner >= kernels::blas_least;

/// The calls among those asked for that have these operands.
template <class T>
std::vector<blas::Call> calls_of(const std::vector<T>& a, const std::vector<T>& b, Size of_rows) {
  std::vector<blas::Call> found;
  for (const blas::Call& call : blas::state.calls) {
    if (call.a == a.data() && call.b == b.data() && call.rows == of_rows) found.push_back(call);
  }
  return found;
}

/// Checks which products were asked for, of inputs that lie in `arrays`.
template <class T, class Machine>
void check_calls(const std::vector<std::vector<T>>& arrays, const Machine& machine) {
  const auto &a = arrays[0], &b = arrays[1], &at = arrays[2], &bt = arrays[3];
  if (!with_blas || !large_ones) {
    CHECK(blas::state.calls.empty());
    return;
  }
  REQUIRE(blas::state.calls.size() == (small_ones_too ? 4 : 3));
  const std::vector<blas::Call> dense = calls_of(a, b, rows);
  const std::vector<blas::Call> left = calls_of(at, b, rows);
  const std::vector<blas::Call> right = calls_of(a, bt, rows);
  REQUIRE((dense.size() == 1 && left.size() == 1 && right.size() == 1));
  CHECK((!dense[0].transpose_left && !dense[0].transpose_right && !dense[0].accumulate));
  CHECK((left[0].transpose_left && !left[0].transpose_right));
  CHECK((!right[0].transpose_left && right[0].transpose_right));
  CHECK(left[0].accumulate != right[0].accumulate);
  CHECK(dense[0].c == machine.output(0));
  CHECK((left[0].c == machine.output(1) && right[0].c == machine.output(1)));
  CHECK(calls_of(a, b, few).size() == (small_ones_too ? 1 : 0));
  for (const blas::Call& call : blas::state.calls) {
    CHECK((call.columns == columns && call.inner == inner));
    CHECK(call.threads == 1);
  }
}

template <class T>
void check_products(double bar) {
  const auto machine = std::make_unique<runtime::Machine<T, Products>>();
  const Graph graph = Products::traced();
  Random random{Seed{seed()}};
  std::vector<Numbers> numbers;
  std::vector<std::vector<T>> arrays;
  std::vector<const void*> inputs;
  for (const Type& type : machine->input_types) {
    numbers.push_back(draw_direction(random, type.shape));
    arrays.emplace_back(numbers.back().begin(), numbers.back().end());
  }
  for (const std::vector<T>& array : arrays) inputs.push_back(array.data());
  blas::state.calls.clear();
  blas::state.calls.reserve(100);
  const std::size_t before = allocations();
  machine->run(inputs.data(), [](std::int32_t) { return ""; });
  CHECK(allocations() == before);
  check_calls(arrays, *machine);
  std::vector<Numbers> outputs;
  for (std::size_t i = 0; i < machine->output_types.size(); ++i) {
    outputs.emplace_back(extents(machine->output_types[i].shape));
    std::copy_n(reinterpret_cast<const T*>(machine->output(i)), outputs[i].size(), outputs[i].begin());
  }
  CHECK(error_of_largest(outputs, interpret(graph, numbers)) <= bar);
}

}  // namespace

TEST_CASE("large dense products go to the BLAS that a build asks for: without copies, in one thread",
          "[blas]") {
  check_products<float>(2e-6);
  check_products<double>(1e-14);
}

TEST_CASE("long inner axes, gaps between rows and empty products stay on our kernels", "[blas]") {
  constexpr Size longest = kernels::longest_inner;
  STATIC_REQUIRE(kernels::blas_pays({1024, 1024, longest}));
  STATIC_REQUIRE(kernels::blas_pays({1024, 1024, longest, true, true, 0, 0, true}));
  STATIC_REQUIRE(!kernels::blas_pays({1024, 1024, longest + 1}));
  STATIC_REQUIRE(!kernels::blas_pays({1024, 1024, 512, false, false, 513, 0}));
  STATIC_REQUIRE(!kernels::blas_pays({1024, 1024, 512, false, false, 0, 1025}));
  STATIC_REQUIRE(!kernels::blas_pays({0, 1024, 512}));
  STATIC_REQUIRE(!kernels::blas_pays({1024, 1024, 0}));
  STATIC_REQUIRE(kernels::blas_pays({kernels::blas_least, 1, 1}));
  STATIC_REQUIRE(!kernels::blas_pays({kernels::blas_least - 1, 1, 1}));
}

}  // namespace ctgrad::test
