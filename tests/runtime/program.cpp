#include <ctgrad/ctgrad.hpp>

#include <support/catch.hpp>

#include <cmath>

namespace {

using namespace ctgrad;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
    (nn::Embedding<16, 4>,          tokens),
    (nn::PositionEmbedding<5, 4>,   positions),
    (nn::Linear<4, 3>,              head));
};
constexpr auto predict = [](const auto& model, auto ids) {
  return model.head(model.positions(model.tokens(ids)));
};
constexpr auto loss = [](const auto& model, auto ids, auto targets) {
  return cross_entropy(predict(model, ids), targets);
};

using Ids = Index<2, 5>;
using Numbers = xt::xtensor<std::int32_t, 2>;

}  // namespace

TEST_CASE("a wrong shape is refused with argument, expected and got") {
  Parameters<Model> parameters{Seed{1}};
  Program<predict, Model, Ids> program;
  const Numbers wide = xt::zeros<std::int32_t>({2, 6});
  CHECK_THROWS_WITH(program(parameters, wide),
                    Catch::Matchers::Equals("argument 2: expected shape [2, 5], got [2, 6]; shapes are part "
                                            "of a Program's type, and others are another Program's"));
  const xt::xtensor<std::int32_t, 3> deep = xt::zeros<std::int32_t>({1, 2, 5});
  CHECK_THROWS_WITH(program(parameters, deep),
                    Catch::Matchers::Equals("argument 2: expected shape [2, 5], got [1, 2, 5]; shapes are "
                                            "part of a Program's type, and others are another Program's"));
  const xt::xtensor<std::int32_t, 2, xt::layout_type::column_major> columns = xt::zeros<std::int32_t>({2, 5});
  CHECK_THROWS_AS(program(parameters, columns), std::invalid_argument);
}

TEST_CASE("an id out of range is refused, by name, before any result has changed") {
  Parameters<Model> parameters{Seed{1}};
  Program<predict, Model, Ids> program;
  Numbers ids = {{0, 1, 2, 3, 4}, {5, 6, 7, 8, 15}};
  const auto logits = program(parameters, ids);
  const xt::xtensor<float, 3> before = logits;
  ids(1, 3) = 16;
  CHECK_THROWS_WITH(program(parameters, ids),
                    Catch::Matchers::Equals("argument 2[1, 3] = 16 is not in [0, 16) of embedding 'tokens'"));
  CHECK_THROWS_AS(program(parameters, ids), std::out_of_range);
  ids(1, 3) = -1;
  CHECK_THROWS_WITH(program(parameters, ids), test::contains("argument 2[1, 3] = -1 is not in [0, 16)"));
  CHECK(std::equal(before.begin(), before.end(), logits.begin()));
}

TEST_CASE("a target out of range is refused before any gradient has changed") {
  Parameters<Model> parameters{Seed{1}};
  Program<value_and_grad(loss), Model, Ids, Ids> step;
  const Numbers ids = {{0, 1, 2, 3, 4}, {5, 6, 7, 8, 15}};
  Numbers targets = xt::ones<std::int32_t>({2, 5});
  const auto result = step(parameters, ids, targets);
  const std::vector<float> before(result.gradients.flat().begin(), result.gradients.flat().end());
  targets(0, 4) = 3;
  CHECK_THROWS_WITH(step(parameters, ids, targets),
                    Catch::Matchers::Equals("argument 3[0, 4] = 3 is not in [0, 3) of cross_entropy"));
  CHECK(std::equal(before.begin(), before.end(), result.gradients.flat().begin()));
}

TEST_CASE("ids that are sliced are checked where they are used, and only there") {
  constexpr auto first = [](const auto& model, auto ids) { return model.tokens(slice<1, 0, 2>(ids)); };
  Parameters<Model> parameters{Seed{1}};
  Program<first, Model, Ids> program;
  Numbers ids = {{0, 1, 99, 99, 99}, {2, 3, -7, 99, 99}};
  const auto rows = program(parameters, ids);
  CHECK(rows(1, 1, 2) == parameters["tokens.table"](3, 2));
  ids(1, 0) = 99;
  CHECK_THROWS_WITH(program(parameters, ids), test::contains("[1, 0] = 99 is not in [0, 16)"));
}

TEST_CASE("running twice, and on two instances, gives equal bits") {
  Parameters<Model> parameters{Seed{7}};
  Program<value_and_grad(loss), Model, Ids, Ids> one;
  Program<value_and_grad(loss), Model, Ids, Ids> two;
  const Numbers ids = {{3, 3, 3, 0, 1}, {15, 2, 2, 8, 15}};
  const Numbers targets = {{0, 1, 2, 0, 1}, {2, 2, 1, 0, 1}};
  const auto first = one(parameters, ids, targets);
  const std::vector<float> gradients(first.gradients.flat().begin(), first.gradients.flat().end());
  const float value = first.value;
  for (auto* program : {&one, &two}) {
    const auto again = (*program)(parameters, ids, targets);
    CHECK(again.value == value);
    CHECK(std::equal(gradients.begin(), gradients.end(), again.gradients.flat().begin()));
  }
}

TEST_CASE("numbers, tuples, masks and inputs themselves come back as what they are") {
  constexpr auto several = [](auto x, auto s) {
    return std::tuple{x, x, sum(x) * s, x > 0, std::array{x * 2, x + s}, iota<3>()};
  };
  DoubleProgram<several, Tensor<3>, Tensor<>> program;
  const xt::xtensor<double, 1> x = {1, -2, 4};
  const auto [same, again, product, positive, pair, positions] = program(x, 2);
  CHECK(same == x);
  CHECK(again == x);
  CHECK(product == 6);
  CHECK((positive(0) && !positive(1) && positive(2)));
  CHECK(pair[0](2) == 8);
  CHECK(pair[1](1) == 0);
  CHECK(positions(2) == 2);
}

TEST_CASE("parameters of one seed are equal bits, of another they are not, and float rounds double") {
  const Parameters<Model, double> one{Seed{1}};
  const Parameters<Model, double> same{Seed{1}};
  const Parameters<Model, double> other{Seed{2}};
  const Parameters<Model> rounded{Seed{1}};
  CHECK(std::equal(one.flat().begin(), one.flat().end(), same.flat().begin()));
  CHECK_FALSE(std::equal(one.flat().begin(), one.flat().end(), other.flat().begin()));
  for (const FlatEntry& entry : one.entries()) {
    const auto numbers = one.span(entry.name);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      CHECK(rounded.span(entry.name)[i] == static_cast<float>(numbers[i]));
    }
  }
}

TEST_CASE("parameters have names, shapes and initial values as declared") {
  const Parameters<Model> parameters{Seed{1}};
  REQUIRE(parameters.entries().size() == 4);
  CHECK(parameters.entries()[0].name == "tokens.table");
  CHECK(parameters.entries()[3].name == "head.bias");
  CHECK(parameters.count() == 16 * 4 + 5 * 4 + 4 * 3 + 3);
  const float limit = std::sqrt(6.0F / 7.0F);
  for (const float weight : parameters.span("head.weight"))
    CHECK((weight >= -limit && weight < limit && weight != 0));
  for (const float bias : parameters.span("head.bias")) CHECK(bias == 0);
  CHECK(parameters.name_of(parameters.entries()[2].offset + 1) == "head.weight");
  CHECK_THROWS_WITH(parameters["head.wieght"],
                    Catch::Matchers::Equals("no parameter is named 'head.wieght'; there are 'tokens.table', "
                                            "'positions.table', 'head.weight', 'head.bias'"));
}
