#include <ctgrad/report/heatmap.hpp>

#include <support/catch.hpp>
#include <support/views.hpp>

#include "markup.hpp"

#include <random>

namespace ctgrad::report {

namespace {

using test::Element;

/// Weights [batch, heads, T, S] as a program gives them.
struct Weights {
  std::vector<std::size_t> extents;
  std::vector<float> numbers;

  const std::vector<std::size_t>& shape() const { return extents; }
  const float* data() const { return numbers.data(); }
};

Weights drawn_weights(std::vector<std::size_t> extents, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> uniform(0, 1);
  std::size_t count = 1;
  for (const std::size_t extent : extents) count *= extent;
  Weights weights{std::move(extents), std::vector<float>(count)};
  for (float& number : weights.numbers) number = uniform(random);
  return weights;
}

double value_in(const std::string& title) { return std::stod(title.substr(title.rfind(": ") + 2)); }

const std::vector<std::string> nasty{"<s>", "&amp;", "\n", "\"q\"", " the", ""};

}  // namespace

TEST_CASE("a heat map's cells hold the numbers that it was given, row by row", "[report]") {
  const std::uint64_t seed = test::seed();
  const Weights weights = drawn_weights({2, 3, 6, 6}, seed);
  INFO("seed " << seed);
  const std::vector<Heatmap> heads = attention_heads(weights, 1, nasty, nasty);
  REQUIRE(heads.size() == 3);
  for (std::size_t head = 0; head < 3; ++head) {
    const Element map = test::read_markup(heatmap(heads[head], {0, 1}).text);
    const auto cells = map.all("rect", "cell");
    REQUIRE(cells.size() == 36);
    for (std::size_t i = 0; i < 36; ++i) {
      const std::size_t row = i / 6, column = i % 6;
      const double expected = static_cast<double>(weights.numbers[(3 + head) * 36 + i]);
      const std::string title = cells[i]->words();
      CHECK(value_in(title) == Approx(expected).epsilon(1e-5));
      CHECK(title.starts_with(visible(nasty[row]) + " → " + visible(nasty[column]) + ": "));
      CHECK(cells[i]->number("fill-opacity") == Approx(expected).margin(6e-4));
      const Element& corner = *cells[0];
      const double side = cells[1]->number("x") - corner.number("x");
      CHECK(cells[i]->number("x") == Approx(corner.number("x") + side * static_cast<double>(column)));
      CHECK(cells[i]->number("y") == Approx(corner.number("y") + side * static_cast<double>(row)));
    }
    CHECK(map.words().find("head " + std::to_string(head + 1)) == 0);
  }
}

TEST_CASE("rows stand on the left and columns above, all within the drawing", "[report]") {
  const Heatmap map{"m", {"first", "second"}, {"a rather long token", "b", "c"}, {0, 1, 2, 3, 4, 5}};
  const Element drawing = test::read_markup(heatmap(map, {0, 5}).text);
  const auto labels = drawing.all("text", "token");
  REQUIRE(labels.size() == 5);
  CHECK(labels[0]->text == "a rather long t…");
  CHECK(labels[0]->attributes.contains("transform"));  // upright where it is wider than its cell
  CHECK(labels[3]->text == "first");
  const auto cells = drawing.all("rect", "cell");
  for (const Element* cell : cells) {
    CHECK(cell->number("x") + cell->number("width") <= drawing.number("width"));
    CHECK(cell->number("y") + cell->number("height") <= drawing.number("height"));
  }
  CHECK(labels[3]->number("x") < cells[0]->number("x"));
  CHECK(labels[3]->number("x") > heating::letter * 5);
  CHECK(labels[4]->number("y") > cells[3]->number("y"));
}

TEST_CASE("fewer tokens than rows and columns leave the padding out", "[report]") {
  const Weights weights = drawn_weights({1, 1, 4, 5}, 7);
  const std::vector<Heatmap> heads = attention_heads(weights, 0, {"a", "b"}, {"x", "y", "z"});
  CHECK(heads[0].values.size() == 6);
  CHECK(heads[0].values[3] == static_cast<double>(weights.numbers[5]));
}

TEST_CASE("weights may be a dense view; another is refused", "[report]") {
  const xt::xtensor<float, 5> layers{{{{{1, 2}, {3, 4}}}}, {{{{5, 6}, {7, 8}}}}};
  const std::vector<std::string> tokens{"a", "b"};
  CHECK(attention_heads(xt::view(layers, 1), 0, tokens, tokens)[0].values == std::vector<double>{5, 6, 7, 8});
  CHECK_THROWS_WITH(
      attention_heads(xt::view(layers, xt::all(), 0, xt::all(), xt::all(), xt::range(0, 1)), 0, tokens,
                      {"a"}),
      test::contains("attention_heads: weights: expected row-major strides [2, 2, 1, 1], got [4, "));
}

TEST_CASE("the scale goes from nothing to a round number", "[report]") {
  const auto scale = [](std::vector<double> values) {
    const std::vector<Heatmap> maps{{"m", {"r"}, std::vector<std::string>(values.size(), "c"), values}};
    return scale_of(maps);
  };
  CHECK(scale({0.1, 0.31}).low == 0);
  CHECK(scale({0.1, 0.31}).high == 0.5);
  CHECK(scale({-3, 1}).low == -3);
  CHECK(scale({0, 0}).high == 1);
  CHECK(scale({}).high == 1);
  CHECK(scale({std::nan(""), 0.7}).high == 1);
  const Element legend = test::read_markup(heat_legend({0, 0.5}, "weight").text);
  std::string ticks;
  for (const Element* text : legend.all("text", "tick")) ticks += text->text + " ";
  CHECK(ticks == "0 0.25 0.5 ");
  double ink = -1;
  for (const Element* part : legend.all("rect", "cell")) {
    CHECK(part->number("fill-opacity") > ink);
    ink = part->number("fill-opacity");
  }
  CHECK(ink == 1);
}

TEST_CASE("what is not finite is marked, not colored", "[report]") {
  const Heatmap map{"m", {"r"}, {"a", "b"}, {std::nan(""), 0.5}};
  const Element drawing = test::read_markup(heatmap(map, {0, 1}).text);
  const auto cells = drawing.all("rect", "cell");
  CHECK(cells[0]->is("missing"));
  CHECK(cells[0]->words() == "r → a: nan");
  CHECK_FALSE(cells[1]->is("missing"));
}

TEST_CASE("wrong sizes and values off the scale are refused by name", "[report]") {
  CHECK_THROWS_WITH(heatmap({"m", {"r"}, {"a", "b"}, {1}}, {0, 1}),
                    "heatmap 'm': values: expected 1 x 2, got 1");
  CHECK_THROWS_WITH(heatmap({"m", {"r"}, {"a"}, {1.5}}, {0, 1}),
                    "heatmap 'm': values: expected from 0 to 1, got 1.5");
  const Weights weights = drawn_weights({2, 1, 2, 3}, 1);
  CHECK_THROWS_WITH(attention_heads(drawn_weights({2, 2, 3}, 1), 0, {}, {}),
                    "attention_heads: weights: expected rank 4, got 3");
  CHECK_THROWS_WITH(attention_heads(weights, 2, {"a"}, {"a"}),
                    "attention_heads: sample: expected less than 2, got 2");
  CHECK_THROWS_WITH(attention_heads(weights, 0, {"a", "b", "c"}, {"a"}),
                    "attention_heads: queries: expected at most 2, got 3");
  CHECK_THROWS_WITH(attention_heads(weights, 0, {"a"}, {"a", "b", "c", "d"}),
                    "attention_heads: keys: expected at most 3, got 4");
}

}  // namespace ctgrad::report
