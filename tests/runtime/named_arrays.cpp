#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>
#include <support/views.hpp>

namespace {

using namespace ctgrad;
using Catch::Matchers::Equals;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Linear<3, 2>, narrow),
    (nn::Linear<3, 3>, square));
};

template <class Elements>
std::vector<float> copied(const Elements& elements) {
  return {elements.begin(), elements.end()};
}

template <class Arrays>
Arrays made() {
  if constexpr (std::is_constructible_v<Arrays, Seed>) {
    return Arrays{Seed{1}};
  } else {
    return Arrays{};
  }
}

template <class Left, class Right>
concept Assignable =
    requires(Left left, Right right) { static_cast<Left&&>(left) = static_cast<Right&&>(right); };

}  // namespace

TEST_CASE("an assignment to a named array copies elements, whatever stands on its right") {
  const std::string name = "narrow.weight";
  Parameters<Model> a{Seed{1}}, b{Seed{2}};
  const Parameters<Model>& constant = b;
  const auto of_b = copied(b.span(name));
  REQUIRE(copied(a.span(name)) != of_b);

  SECTION("another one's array") { a[name] = b[name]; }
  SECTION("one that has a name of its own") {
    auto weight = b[name];
    a[name] = weight;
  }
  SECTION("one that cannot change") { a[name] = constant[name]; }
  SECTION("to one that has a name of its own") {
    auto weight = a[name];
    weight = b[name];
  }
  SECTION("what it shows by another view") {
    auto to = a.view()[name];
    auto from = b.view()[name];
    to = from;
  }
  SECTION("a container") { a[name] = xt::xtensor<float, 2>(b[name]); }
  SECTION("a container in columns") {
    a[name] = xt::xtensor<float, 2, xt::layout_type::column_major>(b[name]);
  }
  SECTION("wider numbers") { a[name] = xt::xtensor<double, 2>(b[name]); }
  SECTION("an expression") { a[name] = 0.5F * (b[name] + b[name]); }
  SECTION("all arrays by a view") { a.view() = b.view(); }
  SECTION("all arrays by a view that cannot change") { a.view() = constant.view(); }
  CHECK(copied(a.span(name)) == of_b);
  CHECK(copied(b.span(name)) == of_b);
}

TEST_CASE("an array takes an expression of itself, a number, and operators that assign") {
  Parameters<Model> a{Seed{1}};
  const xt::xtensor<float, 2> before = a["square.weight"];
  a["square.weight"] = xt::transpose(a["square.weight"]);
  CHECK((a["square.weight"] == xt::transpose(before)));
  auto weight = a["square.weight"];
  weight = xt::transpose(weight) + weight;
  CHECK((a["square.weight"] == before + xt::transpose(before)));
  const auto& itself = weight;
  weight = itself;
  a["square.weight"] -= xt::transpose(before);
  CHECK(
      (a["square.weight"] == xt::xtensor<float, 2>(before + xt::transpose(before) - xt::transpose(before))));
  a["square.weight"] = 0.25;
  a["square.weight"] *= 2;
  CHECK((weight == 0.5F * xt::ones<float>({3, 3})));
  xt::view(a["square.weight"], 1) = a["square.bias"];
  CHECK((weight(1, 2) == 0 && weight(0, 2) == 0.5F));
  CHECK(xt::eval(a["square.weight"] + 1).dimension() == 2);
  CHECK(xt::sum(a["square.weight"])() == 3);
}

TEST_CASE("another shape is refused by name with both shapes, and nothing changes") {
  Parameters<Model> a{Seed{1}};
  const auto before = copied(a.flat());
  const std::string beginning = "parameter 'narrow.weight': expected shape [3, 2], got ";
  CHECK_THROWS_WITH(a["narrow.weight"] = a["square.weight"], Equals(beginning + "[3, 3]"));
  CHECK_THROWS_WITH(a["narrow.weight"] = std::as_const(a)["narrow.bias"], Equals(beginning + "[2]"));
  CHECK_THROWS_WITH((a["narrow.weight"] = xt::xtensor<float, 2>{{1, 2, 3}, {4, 5, 6}}),
                    Equals(beginning + "[2, 3]"));
  CHECK_THROWS_WITH(a["narrow.weight"] = xt::sum(a["square.weight"]), Equals(beginning + "[]"));
  CHECK_THROWS_WITH(a["narrow.weight"] = xt::transpose(a["narrow.weight"]), Equals(beginning + "[2, 3]"));
  CHECK_THROWS_WITH(swap(a["narrow.weight"], a["narrow.bias"]), Equals(beginning + "[2]"));
  CHECK_THROWS_AS(a["narrow.weight"] += xt::ones<float>({5, 3, 2}), std::invalid_argument);
  CHECK(copied(a.flat()) == before);
}

TEST_CASE("an element that is not there is refused by name, and elements of extent 1 stand for all") {
  Parameters<Model> a{Seed{1}};
  const Parameters<Model>& same = a;
  a["narrow.weight"](2, 1) = 7;
  CHECK((same["narrow.weight"](2, 1) == 7 && a["narrow.weight"].at(2, 1) == 7));
  a["narrow.bias"][1] = 3;
  CHECK((same["narrow.bias"](1) == 3 && same["narrow.bias"][1] == 3));
  const std::string weight = "parameter 'narrow.weight': expected an element of shape [3, 2], got position ";
  CHECK_THROWS_WITH(a["narrow.weight"](3, 0), Equals(weight + "[3, 0]"));
  CHECK_THROWS_WITH(same["narrow.weight"](0, 2), Equals(weight + "[0, 2]"));
  CHECK_THROWS_WITH(a["narrow.weight"](-1, 0), Equals(weight + "[-1, 0]"));
  CHECK_THROWS_WITH(a["narrow.weight"](1), Equals(weight + "[1]"));
  CHECK_THROWS_WITH(same["narrow.weight"](), Equals(weight + "[]"));
  CHECK_THROWS_AS(a["narrow.bias"][2], std::out_of_range);
  CHECK_THROWS_AS(same["narrow.bias"](2), std::out_of_range);
  const xt::xtensor<float, 2> columns{{10}, {20}, {30}};
  const auto sums = a["narrow.bias"] + columns;
  CHECK((sums(2, 1) == 33 && sums(0, 1) == 13));
  const std::array<std::size_t, 2> extents{3, 1};
  const ResultArray<float, 2> result(columns.data(), extents);
  const auto wide = result + xt::xtensor<float, 2>{{1, 2}, {3, 4}, {5, 6}};
  CHECK((wide(1, 1) == 24 && result(2, 0) == 30));
  CHECK_THROWS_WITH(result(3, 0),
                    Equals("a result: expected an element of shape [3, 1], got position [3, 0]"));
}

TEST_CASE("swap exchanges the elements of arrays, and whole parameters") {
  Parameters<Model> a{Seed{1}}, b{Seed{2}};
  const xt::xtensor<float, 2> of_a = a["square.weight"], of_b = b["square.weight"];
  auto x = a["square.weight"], y = b["square.weight"];
  std::swap(x, y);
  CHECK((a["square.weight"] == of_b && b["square.weight"] == of_a));
  swap(a["square.weight"], b["square.weight"]);
  CHECK((x == of_a && y == of_b));
  std::ranges::swap(x, y);
  CHECK((x == of_b && y == of_a));
  std::swap(a, b);
  CHECK((a["square.weight"] == of_a));
  const auto replaced = std::exchange(x, y);
  CHECK((replaced == y && x == y));
}

TEST_CASE("arrays that cannot change, and temporary views of them, are not assigned to") {
  using Changing = NamedArray<float>;
  using Constant = NamedArray<const float>;
  using Result = ResultArray<float, 2>;
  STATIC_REQUIRE(Assignable<Changing&, Constant>);
  STATIC_REQUIRE_FALSE(Assignable<Constant, Constant>);
  STATIC_REQUIRE_FALSE(Assignable<Constant&, Constant&>);
  STATIC_REQUIRE_FALSE(Assignable<Constant&, Changing>);
  STATIC_REQUIRE_FALSE(Assignable<Constant, float>);
  STATIC_REQUIRE_FALSE(Assignable<Result&, float>);
  STATIC_REQUIRE_FALSE(Assignable<Result&, xt::xtensor<float, 2>>);
  STATIC_REQUIRE_FALSE(Assignable<Result&, ResultArray<float, 1>>);
  STATIC_REQUIRE_FALSE(Assignable<Gradients<Model>, Gradients<Model>>);
  STATIC_REQUIRE(Assignable<Result&, Result>);  // which then shows the other one's elements
  STATIC_REQUIRE(Assignable<Gradients<Model>&, Gradients<Model>>);
}

TEST_CASE("what temporary parameters and states give are copies") {
  const Parameters<Model> kept{Seed{1}};
  const auto numbers = Parameters<Model>{Seed{1}}.flat();
  const auto weights = Parameters<Model>{Seed{1}}.span("square.weight");
  const auto view = Parameters<Model>{Seed{1}}.view();
  const auto weight = Parameters<Model>{Seed{1}}["square.weight"];
  CHECK(copied(numbers) == copied(kept.flat()));
  CHECK(copied(weights) == copied(kept.span("square.weight")));
  CHECK(copied(view.flat()) == copied(kept.flat()));
  CHECK((weight == kept["square.weight"]));
  CHECK(State<Model>{}["square.weight"](2, 2) == 0);
}

TEMPLATE_TEST_CASE("what was moved from is assigned to, copied and refused, never read", "",
                   Parameters<Model>, State<Model>) {
  TestType kept = made<TestType>();
  kept["square.bias"] = 3;
  TestType moved = kept;
  TestType other = std::move(moved);
  const std::string expected =
      "this object was moved from and has no numbers: assign to it before it is used";
  CHECK_THROWS_WITH(moved.flat(), Equals(expected));  // NOLINT
  CHECK_THROWS_WITH(moved["square.bias"], Equals(expected));
  CHECK_THROWS_WITH(std::as_const(moved).span("square.bias"), Equals(expected));
  TestType copy = moved;
  CHECK_THROWS_WITH(copy.view(), Equals(expected));
  copy = moved;
  copy = kept;
  CHECK(copied(copy.flat()) == copied(kept.flat()));
  copy = moved;
  CHECK_THROWS_WITH(copy.view(), Equals(expected));
  moved = other;
  CHECK(copied(moved.flat()) == copied(kept.flat()));
  TestType& itself = moved;
  moved = itself;
  moved = std::move(itself);
  CHECK(copied(moved.flat()) == copied(kept.flat()));
  const auto before = moved["square.bias"];
  TestType changed = kept;
  changed["square.bias"] = 5;
  moved = std::move(changed);
  CHECK(before(0) == 5);
  CHECK(before.data() == moved["square.bias"].data());
}
