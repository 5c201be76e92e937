#include "mutants.hpp"

#include <support/catch.hpp>
#include <support/check_derivatives.hpp>

#include <cstdio>

/// The checks of the gradient matrix on deliberately wrong rules.
namespace ctgrad::test {

namespace {

struct Mutation {
  const char* kind;
  const char* description;
  Column catcher;  ///< the column that must miss
  Record wrong;
  Record right;  ///< of the same samples
  Transforms transforms = {};
};

template <class Wrong, class Right>
Mutation mutation(const char* kind, const char* description, Column catcher) {
  return {
      kind, description, catcher, {&operation<Wrong>, &Wrong::samples}, {&operation<Right>, &Wrong::samples}};
}

std::vector<Mutation> all_mutations() {
  const Record softmax{&operation<ops::Softmax>, &ops::Softmax::samples};
  return {
      mutation<FallingLog, ops::Log>("sign", "tangent -dx / x", Column::tangent),
      mutation<AddingSub, ops::Sub>("sign", "transpose u for both operands", Column::transpose),
      mutation<HalfSquare, ops::Square>("factor 2", "tangent x dx", Column::tangent),
      mutation<NumeratorDiv, ops::Div>("missing term", "tangent da / b", Column::tangent),
      mutation<UnprojectedSoftmax, ops::Softmax>("missing term", "tangent y dx", Column::tangent),
      mutation<UntransposedMatmul, ops::Matmul>("missing transpose", "transposes u b and a u",
                                                Column::transpose),
      mutation<FirstAxisSoftmax, ops::Softmax>("wrong axis", "sum along the first axis", Column::tangent),
      mutation<UninvertedPermute, ops::Permute>("wrong axis", "the order, not its inverse",
                                                Column::transpose),
      mutation<UnsummedBroadcast, ops::Broadcast>("missing un-broadcast", "transpose u", Column::transpose),
      {"forgotten accumulation",
       "the last cotangent of a value only",
       Column::transpose,
       softmax,
       softmax,
       {&autodiff::push_forward, &forgetful_transpose}},
      mutation<OwnFactorMul, ops::Mul>("wrong operand", "transposes u a and u b", Column::transpose),
      mutation<AffineNeg, ops::Neg>("not linear", "transpose 1 - u", Column::exact),
      mutation<SquaringSquare, ops::Square>("not linear", "tangent (2 x + dx) dx", Column::transpose),
      mutation<ConstantSlopeTanh, ops::Tanh>("constant residual", "tangent's slope has no tangent",
                                             Column::ff),
      mutation<ConstantFactorMul, ops::Mul>("constant residual", "transpose's factor has no tangent",
                                            Column::fr),
  };
}

/// "tangent 12, ff 3": the columns that missed, and how often.
std::string catchers(const Row& row) {
  std::string words;
  for (std::size_t i = 0; i < row.columns.size(); ++i) {
    if (row.columns[i].missed == 0) continue;
    words += (words.empty() ? "" : ", ") + std::string(column_names[i]) + " " +
             std::to_string(row.columns[i].missed);
  }
  return words.empty() ? "nothing" : words;
}

}  // namespace

TEST_CASE("the checks catch every deliberately wrong rule and pass the right one", "[gradients]") {
  int caught = 0;
  const std::vector<Mutation> mutations = all_mutations();
  std::printf("%-24s%-12s%-40s%s\n", "mutation", "of", "wrong", "caught by (checks that missed)");
  for (const Mutation& each : mutations) {
    INFO(each.kind << " of " << each.right.operation->name << ": " << each.description);
    Row wrong;
    Row right;
    check_derivatives(wrong, each.wrong, each.transforms);
    check_derivatives(right, each.right);
    std::printf("%-24s%-12s%-40s%s\n", each.kind, std::string(each.right.operation->name).c_str(),
                each.description, catchers(wrong).c_str());
    CHECK(wrong[each.catcher].missed > 0);
    CHECK(right.count() > 0);
    CHECK(right.missed() == 0);
    caught += wrong[each.catcher].missed > 0 && right.missed() == 0 ? 1 : 0;
  }
  std::printf("figure: mutations: %d of %zu caught\n", caught, mutations.size());
}

}  // namespace ctgrad::test
