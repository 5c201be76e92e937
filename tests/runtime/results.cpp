#include <ctgrad/ctgrad.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>

#include <support/views.hpp>

namespace {

using namespace ctgrad;

using Square = Tensor<3, 3>;
using Matrix = xt::xtensor<double, 2>;
constexpr auto doubled = [](auto x) { return 2 * transpose(x); };
constexpr auto recurrence = [](auto m, auto x) { return tanh(matmul(m, x)) + 0.1 * x; };
constexpr auto symmetric = [](auto x) { return x + transpose(x); };
constexpr auto next_two = [](auto a, auto b) { return transpose(a) + b; };
constexpr auto kinds = [](auto x, auto ids, auto mask) {
  return std::tuple{x + as_real(ids), transpose(ids), !transpose(mask), sum(x)};
};

struct Pair {
  BOOST_HANA_DEFINE_STRUCT(Pair, (Square, first), (Square, second));
};
constexpr auto turn = [](const Pair& pair, const Square& x) {
  return Pair{transpose(pair.second) + x, pair.first};
};

struct Nothing {
  BOOST_HANA_DEFINE_STRUCT(Nothing);
};
struct Partly {
  BOOST_HANA_DEFINE_STRUCT(Partly, (Nothing, nothing), (Tensor<3>, scale), (Nothing, more));
};
constexpr auto loss = [](const auto& model, auto x) {
  if constexpr (requires { model.scale; }) {
    return sum(model.scale * x);
  } else {
    return sum(x);
  }
};

Matrix numbers() { return {{0.5, -1, 2}, {0.25, 3, -0.5}, {1, 0.125, -2}}; }

auto of_a_local_program(const Matrix& x) {
  DoubleProgram<doubled, Square> program;
  return program(x);
}

/// What a program gives for x, then for that, and so on, where every result is copied first.
template <class Program, class... Inputs>
Matrix repeated(int times, Matrix x, const Inputs&... inputs) {
  for (int i = 0; i < times; ++i) x = Matrix(Program{}(inputs..., x));
  return x;
}

}  // namespace

TEST_CASE("results of programs that are gone, temporary or local, keep their numbers") {
  const auto of_temporary = DoubleProgram<doubled, Square>{}(numbers());
  const auto of_local = of_a_local_program(numbers());
  const Matrix expected = 2 * xt::transpose(numbers());
  CHECK((of_temporary == expected));
  CHECK((of_local == expected));

  State<Pair, double> pair;
  pair["first"] = numbers();
  const auto second = DoubleProgram<turn, Pair, Square>{}(pair, numbers())["second"];
  CHECK((second == numbers()));
}

TEST_CASE("a result that is held keeps its numbers while its program runs on, and its arrays outlive it") {
  DoubleProgram<turn, Pair, Square> program;
  State<Pair, double> pair;
  const auto first = program(pair, numbers());
  const auto array = program(pair, xt::eval(2 * numbers()))["first"];
  program.run(pair, xt::eval(3 * numbers()));
  CHECK((first["first"] == numbers()));
  CHECK((array == 2 * numbers()));
  CHECK((program.result()["first"] == 3 * numbers()));
}

TEST_CASE("a program takes its own results, as they are, as views and by pointers") {
  DoubleProgram<doubled, Square> program;
  CHECK((program(program(numbers())) == 4 * numbers()));
  CHECK((program(xt::view(program(numbers()), xt::all())) == 4 * numbers()));
  const double* data = program(numbers()).data();
  CHECK((program(runtime::adapt<2>(data, Square::shape)) == 4 * numbers()));
  CHECK((program(program(program(program(numbers())))) == 16 * numbers()));
}

TEST_CASE("recurrences give what copies of their results give, and come to allocate nothing") {
  const Matrix m = numbers();
  DoubleProgram<recurrence, Square, Square> program;
  DoubleProgram<symmetric, Square> sums;
  auto x = program(m, numbers());
  auto s = sums(numbers());
  x = program(m, x);
  s = sums(s);
  const std::size_t before = test::allocations();
  for (int i = 0; i < 3; ++i) {
    x = program(m, x);
    s = sums(s);
  }
  CHECK(test::allocations() == before);
  CHECK((x == repeated<decltype(program)>(5, numbers(), m)));
  CHECK((s == repeated<decltype(sums)>(5, numbers())));
}

TEST_CASE("recurrences over two steps and over trees read what was computed") {
  DoubleProgram<next_two, Square, Square> program;
  Matrix a = numbers(), b = 2 * numbers();
  auto older = program(a, b);
  auto newer = program(b, older);
  a = older;
  b = newer;
  for (int i = 0; i < 7; ++i) {
    const auto next = program(older, newer);
    older = newer;
    newer = next;
    const Matrix expected = DoubleProgram<next_two, Square, Square>{}(a, b);
    a = b;
    b = expected;
  }
  CHECK((newer == b));

  DoubleProgram<turn, Pair, Square> turns;
  State<Pair, double> pair;
  auto tree = turns(pair, numbers());
  for (int i = 0; i < 5; ++i) {
    pair = tree;
    tree = turns(tree, xt::view(numbers(), xt::all()));
    const State<Pair, double> expected = DoubleProgram<turn, Pair, Square>{}(pair, numbers());
    CHECK(std::ranges::equal(tree.flat(), expected.flat()));
  }
}

TEST_CASE("integers and masks that a program gave are its arguments like numbers") {
  using Ids = xt::xtensor<std::int32_t, 2>;
  using Flags = xt::xtensor<bool, 2>;
  DoubleProgram<kinds, Tensor<2, 2>, Index<2, 2>, Mask<2, 2>> program;
  const Matrix x = {{1, 2}, {3, 4}};
  const auto [first, ids, flags, sum] = program(x, Ids{{1, 2}, {3, 4}}, Flags{{true, true}, {false, true}});
  const auto [second, more_ids, more_flags, more] = program(first, ids, flags);
  CHECK((first == Matrix{{2, 4}, {6, 8}}));
  CHECK((ids == Ids{{1, 3}, {2, 4}}));
  CHECK((flags == Flags{{false, true}, {false, false}}));
  CHECK((second == Matrix{{3, 7}, {8, 12}}));
  CHECK((more_ids == Ids{{1, 2}, {3, 4}}));
  CHECK((more_flags == Flags{{true, true}, {false, true}}));
  CHECK(sum == 10);
  CHECK(more == 20);
}

TEST_CASE("more results than a program keeps memory for stay apart") {
  DoubleProgram<doubled, Square> program;
  std::vector<decltype(program(numbers()))> results;
  for (int i = 0; i < 12; ++i) results.push_back(program(xt::eval(i * numbers())));
  for (int i = 0; i < 12; ++i)
    CHECK((results[static_cast<std::size_t>(i)] == 2 * i * xt::transpose(numbers())));
}

TEST_CASE("a copy of a program is another one, and one that was moved from runs again") {
  DoubleProgram<doubled, Square> program;
  program.run(numbers());
  DoubleProgram<doubled, Square> copy = program;
  CHECK((copy.result() == program.result()));
  CHECK(copy.result().data() != program.result().data());
  copy.run(xt::eval(3 * numbers()));
  CHECK((program.result() == 2 * xt::transpose(numbers())));

  DoubleProgram<doubled, Square> moved = std::move(program);
  CHECK((moved.result() == 2 * xt::transpose(numbers())));
  CHECK_THROWS_WITH(program.result(), test::contains("the program was moved from"));  // NOLINT
  CHECK((program(moved.result()) == 4 * numbers()));
  program = copy;
  CHECK((program.result() == copy.result()));
  DoubleProgram<doubled, Square>& itself = program;
  program = std::move(itself);
  program = itself;  // NOLINT(bugprone-use-after-move)
  CHECK((program.result() == copy.result()));
}

TEST_CASE("a model without parameters, alone or in another, has a gradient without numbers") {
  const xt::xtensor<float, 1> x = {1, 2, 3};
  Parameters<Nothing> nothing{Seed{1}};
  CHECK(nothing.flat().empty());
  CHECK_THROWS_WITH(nothing.name_of(0), "name_of: expected an index in [0, 0), got 0");
  Program<value_and_grad(loss), Nothing, Tensor<3>> step;
  const auto result = step(nothing, x);
  CHECK(result.value == 6);
  CHECK(result.gradients.flat().empty());
  Adam adam{nothing};
  adam.update(nothing, result, MaxNorm(1));
  const State<Nothing> state(result.gradients);
  CHECK(state.view().flat().empty());

  constexpr auto both = [](const auto& none, const auto& some) {
    return std::tuple{none, some, std::array<Nothing, 2>{}};
  };
  State<Partly> partly;
  partly["scale"] = x;
  Program<both, Nothing, Partly> program;
  const auto [none, some, several] = program(nothing, partly);
  CHECK((some["scale"] == x));
  CHECK(none.flat().empty());
  CHECK(several[1].flat().empty());
  CHECK(Program<value_and_grad<0, 1>(loss), Partly, Tensor<3>>{}(partly, x).value == 14);
}
