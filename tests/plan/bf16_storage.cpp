#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect.hpp>

#include <support/catch.hpp>

/// Which values a program of mixed precision stores as bf16, and where they lie.
namespace ctgrad::test {

namespace {

using X = Tensor<32, 24>;
using W = Tensor<24, 24>;

template <auto Function, class... Arguments>
using Mixed = runtime::Planned<float, runtime::Trace<mixed(Function), Arguments...>>;
template <auto Function, class... Arguments>
using Full = runtime::Planned<float, runtime::Trace<Function, Arguments...>>;

/// How many of a plan's calls store their result as bf16, or an extra one.
template <class P>
constexpr int stored = [] {
  int found = 0;
  for (std::size_t i = 0; i < P::plan.call_count; ++i) {
    for (int slot = 0; slot <= plan::max_extras; ++slot)
      found += (P::plan.calls[i].bf16 >> slot & 1) != 0 ? 1 : 0;
  }
  return found;
}();

template <class P>
constexpr int accumulations = [] {
  int found = 0;
  for (std::size_t i = 0; i < P::plan.call_count; ++i) found += P::plan.calls[i].accumulates ? 1 : 0;
  return found;
}();

template <class P>
constexpr int kernels_of = [] {
  int found = 0;
  for (std::size_t i = 0; i < P::plan.call_count; ++i)
    found += P::plan.calls[i].kernel == static_cast<std::int32_t>(i) ? 1 : 0;
  return found;
}();

template <int Layers>
constexpr auto layers = [](auto x, auto w) {
  for (int i = 0; i < Layers; ++i) x = tanh(matmul(x, w));
  return x;
};

}  // namespace

TEST_CASE("elements stored as bf16 lie in front of those that stay in float", "[graph]") {
  STATIC_REQUIRE(plan::bf16_offset(0, 7, 4) == 0);
  STATIC_REQUIRE(plan::bf16_offset(6, 7, 4) == 12);
  STATIC_REQUIRE(plan::bf16_offset(7, 7, 4) == 16);
  STATIC_REQUIRE(plan::bf16_offset(9, 7, 4) == 24);
}

TEST_CASE("activations between kernels are stored as bf16 where mixed precision is asked for", "[graph]") {
  STATIC_REQUIRE(stored<Mixed<layers<4>, X, W>> == 3);  // the fourth is the result
  STATIC_REQUIRE(stored<Full<layers<4>, X, W>> == 0);
  STATIC_REQUIRE(stored<runtime::Planned<double, runtime::Trace<layers<4>, X, W>>> == 0);
  STATIC_REQUIRE(stored<Mixed<layers<4>, Tensor<21, 24>, W>> == 0);  // 504 elements
}

TEST_CASE("equal layers share kernels in mixed precision, too", "[graph]") {
  STATIC_REQUIRE(kernels_of<Mixed<layers<4>, X, W>> == kernels_of<Mixed<layers<8>, X, W>>);
}

TEST_CASE("what a kernel reads in float alone stays in float", "[graph]") {
  constexpr auto picked = [](auto x, auto w, auto ids) { return cross_entropy(matmul(x, w), ids); };
  constexpr auto sorted = [](auto x, auto w) { return concatenate<0>(matmul(x, w), x); };
  STATIC_REQUIRE(stored<Mixed<picked, X, W, Index<32>>> == 0);
  STATIC_REQUIRE(stored<Mixed<sorted, X, W>> == 0);
}

TEST_CASE("numbers of rows and sums of columns stay in float", "[graph]") {
  constexpr auto centered = [](auto x, auto w) {
    const auto y = matmul(x, w);
    return matmul(y - mean<-1>(y, keep), w);
  };
  using Long = Tensor<600, 24>;
  STATIC_REQUIRE(stored<Mixed<centered, Long, W>> == 2);  // y, and what is left without the 600 means
  constexpr auto of_columns = [](auto x, auto w) { return sum<0>(matmul(x, w)); };
  STATIC_REQUIRE(stored<Mixed<of_columns, X, Tensor<24, 600>>> == 1);
}

TEST_CASE("sums to which products are added in place stay in float", "[graph]") {
  constexpr auto added = [](auto x, auto a, auto b, auto c) {
    return tanh(matmul(matmul(x, a) + matmul(x, b) + matmul(x, c), a));
  };
  STATIC_REQUIRE(stored<Mixed<added, X, W, W, W>> == 0);
  STATIC_REQUIRE(accumulations<Mixed<added, X, W, W, W>> == accumulations<Full<added, X, W, W, W>>);
}

TEST_CASE("attention stores its weighted sums as bf16 and its log-sum-exp as floats behind them", "[graph]") {
  constexpr auto step = grad([](auto x, auto a, auto b, auto c) {
    return sum(square(matmul(attention(matmul(x, a), matmul(x, b), matmul(x, c)), a)));
  });
  using P = Mixed<step, X, W, W, W>;
  int found = 0;
  for (std::size_t i = 0; i < P::plan.call_count; ++i) {
    const plan::KernelCall& call = P::plan.calls[i];
    if (P::graph[call.node].operation != &operation<ops::AttentionBackward>) continue;
    ++found;
    CHECK((call.bf16 & plan::bf16_bit_of_source(3)) != 0);
    CHECK((call.bf16 & plan::bf16_bit_of_source(4)) == 0);
    CHECK(call.operands[4].offset - call.operands[3].offset == 2 * X::shape.size());
  }
  CHECK(found == 1);
}

TEST_CASE("explain counts the bytes of what is stored as bf16", "[graph]") {
  using Wide = Tensor<1024, 64>;
  using Weight = Tensor<64, 64>;
  const Explanation full = explain(Program<layers<6>, Wide, Weight>{});
  using Program = MixedProgram<layers<6>, Wide, Weight>;
  const Explanation found = explain(Program{});
  CHECK(found.plan().arena_bytes == Program::arena_bytes());
  CHECK(found.plan().arena_bytes < full.plan().arena_bytes);
  // Five of the six results are written and read in half the bytes.
  CHECK(full.plan().bytes - found.plan().bytes == 2 * 5 * Wide::shape.size() * 2);
}

}  // namespace ctgrad::test
