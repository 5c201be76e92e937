#include <plan/planned.hpp>

#include <support/catch.hpp>

/// Results lie where values lay that are needed no more.
namespace ctgrad::test {

namespace {

using Square = Tensor<4, 4>;
constexpr Size square_bytes = 4 * 4 * 8;

constexpr Optimize alone{.elementwise = false};
constexpr Optimize apart{.in_place = false};
constexpr Optimize alone_and_apart{.elementwise = false, .in_place = false};

constexpr auto chain = [](auto x) { return tanh(exp(sigmoid(tanh(exp(-x))))); };
constexpr auto summed_chain = [](auto x) { return matmul(tanh(exp(sigmoid(tanh(x)))), x); };
constexpr auto forked = [](auto x) {
  const auto y = exp(x);
  return matmul(tanh(y), x) * y;
};

// A value that a call of its own gives: a row map in front of a product.

constexpr auto added = [](auto x, auto w) { return matmul(x, w) + softmax(x); };
constexpr auto added_in_front = [](auto x, auto w) { return softmax(x) + matmul(x, w); };
constexpr auto added_inside = [](auto x, auto w) { return matmul(matmul(x, w) + softmax(x), w); };
constexpr auto needed_later = [](auto x, auto w) {
  const auto h = softmax(x);
  const auto y = matmul(x, w) + h;
  return matmul(y, w) * h;
};
constexpr auto given_too = [](auto x, auto w) {
  const auto h = softmax(x);
  return std::tuple{matmul(x, w) + h, h};
};
constexpr auto read_by_the_product = [](auto x, auto w) {
  const auto h = softmax(x);
  return matmul(h, w) + h;
};
constexpr auto transposed = [](auto x, auto w) { return matmul(x, w) + transpose(softmax(x)); };
constexpr auto repeated = [](auto x, auto w) { return matmul(x, w) + slice<0, 1, 2>(softmax(x)); };
constexpr auto an_input = [](auto x, auto w) { return matmul(x, w) + x; };
constexpr auto scaled = [](auto x, auto w) { return 2 * matmul(x, w) + softmax(x); };
constexpr auto without_terms = [](auto x, auto w, auto b) { return matmul(x, w) + softmax(b); };

/// x's cotangent is the sum of two products.
constexpr auto two_projections = [](auto x, auto q, auto k) {
  return sum(softmax(matmul(x, q)) * tanh(matmul(x, k)));
};
constexpr auto two_gradients = value_and_grad<0, 1, 2>(two_projections);

constexpr auto linear_layers = [](auto x, auto w, auto b, auto v, auto c) {
  const auto y = matmul(matmul(x, w) + b, v) + c;
  return sum(y * y * y);
};
constexpr auto gradients_of_layers = value_and_grad<0, 1, 2, 3, 4>(linear_layers);

/// Says whether a call only sums up what it reads.
template <class G>
constexpr bool only_sums(const G& graph, const plan::KernelCall& call) {
  return graph[call.node].operation == &operation<ops::Sum> && call.extra_count == 0;
}

/// Says whether every sum of a plan stands right behind a call whose result it reads, or behind other sums
/// that do.
template <class P>
constexpr bool sums_follow_their_sources() {
  for (std::size_t i = 0; i < P::plan.call_count; ++i) {
    const plan::KernelCall& call = P::plan.calls[i];
    if (!only_sums(P::graph, call)) continue;
    std::size_t source = i;
    while (source > 0 && only_sums(P::graph, P::plan.calls[source])) --source;
    bool found = false;
    for (int k = 0; k < call.source_count; ++k) found = found || call.roots[k] == P::plan.calls[source].node;
    if (!found) return false;
  }
  return true;
}

/// How many places a plan's calls write to.
template <class P>
constexpr int distinct_results() {
  int found = 0;
  for (std::size_t i = 0; i < P::plan.call_count; ++i) {
    bool known = false;
    for (std::size_t k = 0; k < i; ++k)
      known = known || P::plan.calls[k].result.offset == P::plan.calls[i].result.offset;
    found += known ? 0 : 1;
  }
  return found;
}

/// Values as the graph means them, with memory shared and not.
template <auto Function, class... Arguments>
void check_values() {
  CHECK(program_error<Function, Arguments...>() < 1e-13);
  CHECK(program_error<optimize<apart>(Function), Arguments...>() < 1e-13);
}

}  // namespace

TEST_CASE("a chain of calls element by element runs in one buffer, that of the result", "[graph]") {
  using P = Planned<optimize<alone>(chain), Square>;
  STATIC_REQUIRE(P::plan.call_count == 6);
  STATIC_REQUIRE(P::plan.arena_bytes == square_bytes);
  STATIC_REQUIRE(distinct_results<P>() == 1);
  STATIC_REQUIRE(Planned<optimize<alone_and_apart>(chain), Square>::plan.arena_bytes == 3 * square_bytes);
  CHECK(program_error<optimize<alone>(chain), Square>() < 1e-15);
  CHECK(program_error<optimize<alone_and_apart>(chain), Square>() < 1e-15);
}

TEST_CASE("a chain that ends in a product runs in one buffer beside the product's", "[graph]") {
  using P = Planned<optimize<alone>(summed_chain), Square>;
  STATIC_REQUIRE(P::plan.arena_bytes == 2 * square_bytes);
  STATIC_REQUIRE(distinct_results<P>() == 2);
  CHECK(program_error<optimize<alone>(summed_chain), Square>() < 1e-14);
}

TEST_CASE("what is needed later is not overwritten", "[graph]") {
  using P = Planned<optimize<alone>(forked), Square>;
  STATIC_REQUIRE(distinct_results<P>() == 3);
  CHECK(program_error<optimize<alone>(forked), Square>() < 1e-14);
}

TEST_CASE("a product is added to a value that is needed no more", "[graph]") {
  STATIC_REQUIRE(accumulations<added, Square, Square> == 1);
  STATIC_REQUIRE(accumulations<added_in_front, Square, Square> == 1);
  STATIC_REQUIRE(accumulations<added_inside, Square, Square> == 1);
  STATIC_REQUIRE(accumulations<optimize<apart>(added), Square, Square> == 0);
  STATIC_REQUIRE(Planned<added, Square, Square>::plan.arena_bytes == square_bytes);
  check_values<added, Square, Square>();
  check_values<added_in_front, Square, Square>();
  check_values<added_inside, Square, Square>();
  check_values<added, Tensor<7, 7>, Tensor<7, 7>>();
}

TEST_CASE("a product without terms leaves what it is added to", "[graph]") {
  using B = Tensor<2, 3>;
  STATIC_REQUIRE(accumulations<without_terms, Tensor<2, 0>, Tensor<0, 3>, B> == 1);
  check_values<without_terms, Tensor<2, 0>, Tensor<0, 3>, B>();
}

TEST_CASE("a product is not added to what is needed later, given to the caller or part of the product",
          "[graph]") {
  STATIC_REQUIRE(accumulations<needed_later, Square, Square> == 0);
  STATIC_REQUIRE(accumulations<given_too, Square, Square> == 0);
  STATIC_REQUIRE(accumulations<read_by_the_product, Square, Square> == 0);
  STATIC_REQUIRE(accumulations<an_input, Square, Square> == 0);
  check_values<needed_later, Square, Square>();
  check_values<given_too, Square, Square>();
  check_values<read_by_the_product, Square, Square>();
  check_values<an_input, Square, Square>();
}

TEST_CASE("a product is not added to what is read transposed or repeated, nor where more is done to it",
          "[graph]") {
  STATIC_REQUIRE(accumulations<transposed, Square, Square> == 0);
  STATIC_REQUIRE(accumulations<repeated, Square, Square> == 0);
  STATIC_REQUIRE(accumulations<scaled, Square, Square> == 0);
  check_values<transposed, Square, Square>();
  check_values<repeated, Square, Square>();
  check_values<scaled, Square, Square>();
}

TEST_CASE("cotangents of a value that two products take are added up in one buffer", "[graph]") {
  using X = Tensor<3, 5>;
  using W = Tensor<5, 4>;
  STATIC_REQUIRE(accumulations<two_gradients, X, W, W> == 1);
  STATIC_REQUIRE(accumulations<optimize<apart>(two_gradients), X, W, W> == 0);
  check_values<two_gradients, X, W, W>();
  CHECK(program_error<float, two_gradients, X, W, W>(varied_inputs<X, W, W>()) < 2e-5);
}

TEST_CASE("a bias' gradient is summed up as soon as what it sums is there", "[graph]") {
  using P = Planned<gradients_of_layers, Tensor<9, 5>, Tensor<5, 6>, Tensor<6>, Tensor<6, 4>, Tensor<4>>;
  STATIC_REQUIRE(count_calls<P>([](const auto& graph, const auto&, const plan::KernelCall& call) {
                   return only_sums(graph, call);
                 }) >= 2);
  STATIC_REQUIRE(sums_follow_their_sources<P>());
  check_values<gradients_of_layers, Tensor<9, 5>, Tensor<5, 6>, Tensor<6>, Tensor<6, 4>, Tensor<4>>();
}

TEST_CASE("a program that shares memory gives the same bits when it runs again", "[graph]") {
  using X = Tensor<3, 5>;
  using W = Tensor<5, 4>;
  runtime::Machine<double, runtime::Trace<two_gradients, X, W, W>> machine;
  const std::vector<Numbers> inputs = varied_inputs<X, W, W>();
  const std::vector<Numbers> first = run(machine, inputs);
  CHECK(equal_bits(first, run(machine, inputs)));
}

}  // namespace ctgrad::test
