#include <ctgrad/runtime/program.hpp>
#include <ctgrad/runtime/state.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

#include <cstdint>

namespace {

using namespace ctgrad;

struct Sums {
  using Row = Tensor<3>;
  using Pair = std::array<Row, 2>;
  BOOST_HANA_DEFINE_STRUCT(Sums, (Row, first), (Pair, powers));
};

constexpr auto add_to = [](const Sums& sums, const Tensor<3>& x) {
  return Sums{sums.first + x, {sums.powers[0] + x * x, sums.powers[1] + x * x * x}};
};

std::vector<double> all(const State<Sums, double>& state) {
  return {state.flat().begin(), state.flat().end()};
}

}  // namespace

TEST_CASE("a state is 0 at first, begins at a cache line, and names its arrays as a program's results do") {
  const State<Sums, double> state;
  for (const double x : state.flat()) CHECK(x == 0);
  CHECK(state.flat().size() == FlatView<Sums, const double>::size());
  CHECK(reinterpret_cast<std::uintptr_t>(state.flat().data()) % 64 == 0);
  CHECK(state.entries()[2].name == "powers.1");
  CHECK(state["powers.1"].shape()[0] == 3);
  CHECK_THROWS_AS(state["powers.2"], std::out_of_range);
}

TEST_CASE("a program takes a state and its result is assigned to it, allocating nothing") {
  DoubleProgram<add_to, Sums, Tensor<3>> program;
  State<Sums, double> state;
  const std::array<double, 3> numbers{1, 2, 3};
  const auto x = runtime::adapt<1>(numbers.data(), Tensor<3>::shape);

  const std::size_t before = test::allocations();
  for (int i = 0; i < 4; ++i) state = program(state, x);
  CHECK(test::allocations() == before);

  CHECK(state["first"](1) == 8);
  CHECK(state["powers.0"](1) == 16);
  CHECK(state["powers.1"](2) == 108);
  CHECK(all(State<Sums, double>(program.result())) == all(state));

  state.clear();
  CHECK(all(state) == all(State<Sums, double>()));
}

TEST_CASE("a copy of a state is another one, and a state may be assigned to itself") {
  State<Sums, double> state;
  state.span("powers.0")[1] = 5;
  State<Sums, double> copy = state;
  copy.span("powers.0")[1] = 6;
  CHECK(state["powers.0"](1) == 5);
  state = state.view();
  CHECK(state["powers.0"](1) == 5);
  state = copy.view();
  CHECK(all(state) == all(copy));
}

TEST_CASE("a state that was moved from takes a result, or becomes 0") {
  State<Sums, double> state;
  state["first"] = 2;
  State<Sums, double> other = std::move(state);
  state = other.view();  // NOLINT
  CHECK(all(state) == all(other));
  const State<Sums, double> third = std::move(state);
  state.clear();  // NOLINT
  CHECK(all(state) == all(State<Sums, double>()));
}
