#include <plan/planned.hpp>
#include <plan/row_functions.hpp>

#include <support/catch.hpp>

/// What works along the same rows is one call, where a call can.
namespace ctgrad::test {

namespace {

using namespace row_functions;
using plan::RowLayout;
using plan::RowRole;
using X = Tensor<3, 5>;
using Row = Tensor<5>;
using W = Tensor<5, 4>;

constexpr auto layer_norm_gradients = value_and_grad<0, 1, 2>(cubed<normed>);
constexpr auto softmax_gradients = value_and_grad<0, 1>(cubed<scaled_softmax>);
using NormPlan = Planned<layer_norm_gradients, X, Row, Row>;
using SoftmaxPlan = Planned<softmax_gradients, X, W>;

template <class P>
constexpr int calls_by_rows =
    count_calls<P>([](const auto&, const auto&, const plan::KernelCall& call) { return call.by_rows; });

/// Says whether a call reads a value that `Op` gives.
template <class Op, class G>
constexpr bool reads(const G& graph, const plan::KernelCall& call) {
  for (int i = 0; i < call.source_count; ++i) {
    if (graph[call.roots[i]].operation == &operation<Op>) return true;
  }
  return false;
}

/// Says whether a call keeps a value of `Op` for later ones.
template <class Op, class G>
constexpr bool keeps(const G& graph, const plan::KernelCall& call) {
  for (int i = 0; i < call.extra_count; ++i) {
    if (graph[call.extras[i]].operation == &operation<Op>) return true;
  }
  return false;
}

/// The layout of the first call that works by rows.
template <auto Function, class... Arguments>
constexpr RowLayout layout = [] {
  using P = Planned<Function, Arguments...>;
  std::size_t i = 0;
  while (!P::plan.calls[i].by_rows) ++i;
  return plan::RowLayoutFinder(P::graph, P::plan.groups, P::plan.calls[i]).run();
}();

/// The members that have a row for as long as it is worked on.
constexpr int members_of_role(const RowLayout& rows, RowRole role) {
  int found = 0;
  for (int i = 0; i < rows.count; ++i) found += rows.roles[i] == role ? 1 : 0;
  return found;
}

}  // namespace

TEST_CASE("layer normalisation with scale and shift is one call", "[graph]") {
  STATIC_REQUIRE(calls<normed, X, Row, Row> == 1);
  STATIC_REQUIRE(calls<normed, Tensor<1, 5>, Row, Row> == 1);
  STATIC_REQUIRE(calls<normed, Tensor<2, 3, 17>, Tensor<17>, Tensor<17>> == 1);
}

TEST_CASE("for its gradients layer normalisation keeps the normalised rows and one number a row", "[graph]") {
  STATIC_REQUIRE(count_calls<NormPlan>([](const auto& graph, const auto& plan, const plan::KernelCall& call) {
                   return computes<ops::Normalize>(graph, plan, call) ||
                          computes<ops::InverseDeviation>(graph, plan, call);
                 }) == 1);
  STATIC_REQUIRE(count_calls<NormPlan>([](const auto& graph, const auto&, const plan::KernelCall& call) {
                   return keeps<ops::Normalize>(graph, call) && keeps<ops::InverseDeviation>(graph, call) &&
                          call.extra_count == 2 && call.by_rows;
                 }) == 1);
}

TEST_CASE("the cotangent of what layer normalisation takes is one call", "[graph]") {
  STATIC_REQUIRE(count_calls<NormPlan>([](const auto& graph, const auto& plan, const plan::KernelCall& call) {
                   return reads<ops::InverseDeviation>(graph, call) && reads<ops::Normalize>(graph, call) &&
                          computes<ops::Sum>(graph, plan, call) && call.by_rows && call.extra_count == 0;
                 }) == 1);
  STATIC_REQUIRE(count_calls<NormPlan>([](const auto& graph, const auto&, const plan::KernelCall& call) {
                   return reads<ops::InverseDeviation>(graph, call);
                 }) == 1);
}

TEST_CASE("scale and mask are done in softmax's call, with a product behind it", "[graph]") {
  STATIC_REQUIRE(calls<scaled_softmax, X, W> == 2);
  STATIC_REQUIRE(calls<masked_softmax, X, X, W> == 2);
  STATIC_REQUIRE(calls_by_rows<Planned<masked_softmax, X, X, W>> == 1);
}

TEST_CASE("the cotangent of what softmax takes is one call", "[graph]") {
  STATIC_REQUIRE(
      count_calls<SoftmaxPlan>([](const auto& graph, const auto& plan, const plan::KernelCall& call) {
        return reads<ops::Softmax>(graph, call) && computes<ops::Sum>(graph, plan, call) && call.by_rows;
      }) == 1);
  STATIC_REQUIRE(calls_by_rows<SoftmaxPlan> == 2);
}

TEST_CASE("folds of rows and what is made of them are one call", "[graph]") {
  STATIC_REQUIRE(calls<log_of_sum, X, X> == 1);
  STATIC_REQUIRE(calls<softmax_by_hand, X> == 1);
  STATIC_REQUIRE(calls<by_the_row_sum, X> == 1);
  STATIC_REQUIRE(calls<centred, X> == 1);
  STATIC_REQUIRE(calls<column_sums, X, X> == 1);
}

TEST_CASE("a fold ends a phase: what needs it works in the next one", "[graph]") {
  constexpr RowLayout rows = layout<softmax_by_hand, X>;
  STATIC_REQUIRE(rows.full == X::shape);
  STATIC_REQUIRE(rows.count == 5);
  STATIC_REQUIRE(rows.phases == 3);
  // max, the difference, exp, sum, the quotient
  STATIC_REQUIRE((rows.roles[0] == RowRole::fold && rows.ready[0] == 1));
  STATIC_REQUIRE((rows.roles[1] == RowRole::full && rows.ready[1] == 1));
  STATIC_REQUIRE((rows.roles[2] == RowRole::full && rows.ready[2] == 1));
  STATIC_REQUIRE((rows.roles[3] == RowRole::fold && rows.ready[3] == 2));
  STATIC_REQUIRE((rows.roles[4] == RowRole::full && rows.ready[4] == 2 && rows.rows[4] == 0));
  // Exponentials are kept for the quotient, differences are not.
  STATIC_REQUIRE(rows.kept == 1);
  STATIC_REQUIRE(rows.rows[2] == plan::max_extras + 1);
  STATIC_REQUIRE(rows.rows[1] == -1);
}

TEST_CASE("numbers a row, masks among them, have a phase and no row", "[graph]") {
  constexpr RowLayout rows = layout<by_the_row_sum, X>;
  STATIC_REQUIRE(rows.phases == 2);
  STATIC_REQUIRE(members_of_role(rows, RowRole::fold) == 1);
  STATIC_REQUIRE(members_of_role(rows, RowRole::narrow) == 1);
  constexpr RowLayout sums = layout<log_of_sum, X, X>;
  STATIC_REQUIRE(sums.phases == 2);
  STATIC_REQUIRE(sums.kept == 0);
  STATIC_REQUIRE(members_of_role(sums, RowRole::narrow) == 1);
}

TEST_CASE("a sum of columns takes its rows one after the other in one phase", "[graph]") {
  constexpr RowLayout rows = layout<column_sums, X, X>;
  STATIC_REQUIRE(rows.phases == 1);
  STATIC_REQUIRE(members_of_role(rows, RowRole::columns) == 1);
  STATIC_REQUIRE(members_of_role(rows, RowRole::full) == 2);
}

TEST_CASE("rows are kept on the stack up to 1024 elements; longer ones are calls, or computed again",
          "[graph]") {
  STATIC_REQUIRE(calls<normed, Tensor<2, 1024>, Tensor<1024>, Tensor<1024>> == 1);
  STATIC_REQUIRE(calls<normed, Tensor<2, 1025>, Tensor<1025>, Tensor<1025>> == 2);
  STATIC_REQUIRE(layout<softmax_by_hand, Tensor<2, 1024>>.kept == 1);
  STATIC_REQUIRE(layout<softmax_by_hand, Tensor<2, 1025>>.kept == 0);
  using Long = Tensor<1, 2000000>;  // 16 MB, twice a usual stack
  const std::vector<Numbers> found = compute<double, softmax_by_hand, Long>({varied(Long::shape, 1)});
  double total = 0;
  for (const double share : found[0]) total += share;
  CHECK(std::abs(total - 1) < 1e-9);
}

TEST_CASE("rows of one element are no rows", "[graph]") {
  STATIC_REQUIRE(calls_by_rows<Planned<softmax_by_hand, Tensor<3, 1>>> == 0);
}

TEST_CASE("what is read without one stride from row to row stays out of the rows' call", "[graph]") {
  using P = Planned<without_a_row_stride, Tensor<2, 3, 4>, Tensor<2, 4>>;
  STATIC_REQUIRE(P::plan.call_count == 2);
  STATIC_REQUIRE(calls_by_rows<P> == 0);
}

TEST_CASE("a product is finished where it can be, and the rows beside it are a call of their own",
          "[graph]") {
  using P = Planned<beside_a_product, X, W, Tensor<3, 7>>;
  STATIC_REQUIRE(P::plan.call_count == 2);
  STATIC_REQUIRE(count_calls<P>([](const auto&, const auto&, const plan::KernelCall& call) {
                   return call.product >= 0 && !call.by_rows;
                 }) == 1);
}

TEST_CASE("values that later calls need are kept by the call that computes them", "[graph]") {
  using P = Planned<kept_exponentials, X, W>;
  STATIC_REQUIRE(count_calls<P>([](const auto& graph, const auto&, const plan::KernelCall& call) {
                   return call.by_rows && call.extra_count == 1 && keeps<ops::Exp>(graph, call);
                 }) == 1);
  STATIC_REQUIRE(P::plan.call_count == 3);
}

}  // namespace ctgrad::test
