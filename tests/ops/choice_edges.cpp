#include <support/catch.hpp>
#include <support/compute.hpp>

#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/jvp.hpp>

#include <limits>

/// What operations that choose owe: embedding by ids, select by a mask.
namespace ctgrad::test {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

constexpr auto looked_up = [](auto table, auto ids) { return embedding(table, ids); };
constexpr auto chosen = [](auto x, auto a, auto b) { return select(x < 0, a, b); };
/// The branch is computed on numbers that are safe for it; the others are replaced before.
constexpr auto safe_root = [](auto x) {
  const auto positive = x > 0;
  return sum(select(positive, sqrt(select(positive, x, 1)), 0));
};

template <class Scalar>
void check_repeated_ids() {
  const auto found =
      compute<Scalar, vjp(looked_up), Tensor<1>, Index<2>, Tensor<2>>({{0.1}, {0, 0}, {0.25, 0.5}});
  CHECK((found[1] == Numbers{0.75}));
}

template <class Scalar>
void check_select() {
  const std::vector<Numbers> inputs{{-1, 1}, {2, not_a_number}, {infinity, 3}};
  const auto value = compute<Scalar, chosen, Tensor<2>, Tensor<2>, Tensor<2>>(inputs);
  CHECK((value[0] == Numbers{2, 3}));
  auto with_cotangent = inputs;
  with_cotangent.push_back({5, 7});
  const auto pulled =
      compute<Scalar, vjp<1, 2>(chosen), Tensor<2>, Tensor<2>, Tensor<2>, Tensor<2>>(with_cotangent);
  CHECK((pulled[1] == Numbers{5, 0}));
  CHECK((pulled[2] == Numbers{0, 7}));
  auto with_tangents = inputs;
  with_tangents.push_back({1, not_a_number});
  with_tangents.push_back({infinity, 4});
  const auto pushed =
      compute<Scalar, jvp<1, 2>(chosen), Tensor<2>, Tensor<2>, Tensor<2>, Tensor<2>, Tensor<2>>(
          with_tangents);
  CHECK((pushed[1] == Numbers{1, 4}));
}

template <class Scalar>
void check_safe_root() {
  const auto found = compute<Scalar, value_and_grad(safe_root), Tensor<4>>({{-4, 0, 4, 0.25}});
  CHECK(found[0]() == 2.5);
  CHECK((found[1] == Numbers{0, 0, 0.25, 1}));
}

}  // namespace

TEST_CASE("gradients of repeated ids accumulate", "[ops]") {
  check_repeated_ids<double>();
  check_repeated_ids<float>();
}

TEST_CASE("an id out of range is refused, with its position and its bounds, before any output changes",
          "[ops]") {
  runtime::Machine<double, runtime::Trace<looked_up, Tensor<3>, Index<2, 2>>> machine;
  CHECK((run(machine, {{1, 2, 3}, {{2, 1}, {0, 2}}})[0] == Numbers{{3, 2}, {1, 3}}));
  for (const double wrong : {3.0, -1.0}) {
    CHECK_THROWS_WITH(run(machine, {{4, 5, 6}, {{0, 0}, {0, wrong}}}),
                      "%1[1, 1] = " + std::to_string(static_cast<int>(wrong)) + " is not in [0, 3) of %2");
    CHECK_THROWS_AS(run(machine, {{4, 5, 6}, {{0, 0}, {0, wrong}}}), std::out_of_range);
    double kept[4];
    std::memcpy(kept, machine.output(0), sizeof(kept));
    CHECK((std::vector<double>(kept, kept + 4) == std::vector<double>{3, 2, 1, 3}));
  }
}

TEST_CASE("nothing of the branch not taken reaches a result, a tangent or a gradient of select", "[ops]") {
  check_select<double>();
  check_select<float>();
}

TEST_CASE("a root behind a mask has no NaN in its gradient when its operand is masked too", "[ops]") {
  check_safe_root<double>();
  check_safe_root<float>();
}

}  // namespace ctgrad::test
