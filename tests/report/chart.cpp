#include <ctgrad/report/chart.hpp>

#include <support/catch.hpp>

#include "markup.hpp"

#include <random>

namespace ctgrad::report {

namespace {

using test::Element;

/// The commands and points of a path.
struct Path {
  std::string commands;
  std::vector<Point> points;
};

Path parse_path(const std::string& d) {
  Path path;
  for (std::size_t at = 0; at < d.size();) {
    if (d[at] == ' ') ++at;
    path.commands += d[at++];
    std::size_t used = 0;
    Point p;
    p.x = std::stod(d.substr(at), &used);
    at += used + 1;
    p.y = std::stod(d.substr(at), &used);
    at += used;
    path.points.push_back(p);
  }
  return path;
}

Element drawn(const std::vector<Curve>& curves, const ChartOptions& options) {
  return test::read_markup(line_chart(curves, options).text);
}

/// Where a tick's number stands on the y axis, by its label.
double height_of(const Element& chart, const std::string& label) {
  for (const Element* text : chart.all("text", "tick")) {
    if (text->text == label && text->at("text-anchor") == "end") return text->number("y") - 4;
  }
  throw std::runtime_error("no tick " + label);
}

Curve curve(const std::vector<double>& y) {
  Curve made("loss");
  for (const double value : y) made.add(static_cast<double>(made.x.size()), value);
  return made;
}

}  // namespace

TEST_CASE("ticks are round numbers inside their range", "[report]") {
  CHECK(ticks_in({0, 1}, 6).at.size() == 6);
  CHECK(ticks_in({0, 1}, 6).spacing == 0.2);
  CHECK(ticks_in({0, 2000}, 6).spacing == 500);
  CHECK(ticks_in({-1, 1}, 5).at == std::vector<double>{-1, -0.5, 0, 0.5, 1});
  CHECK(round_range({0.13, 2.71}, 6).low == 0);
  CHECK(round_range({0.13, 2.71}, 6).high == 3);
  CHECK(round_up(0.3) == 0.5);
  CHECK(round_up(1) == 1);
  CHECK(round_up(6) == 10);
}

TEST_CASE("ticks of any range are few, in order and multiples of their spacing", "[report]") {
  const std::uint64_t seed = test::seed();
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int trial = 0; trial < 5000; ++trial) {
    INFO("seed " << seed << ", trial " << trial);
    const double scale = std::pow(10, 200 * uniform(random));
    const double a = scale * uniform(random), b = scale * uniform(random);
    const Range range = widened({std::min(a, b), std::max(a, b)});
    const Ticks ticks = ticks_in(range, 6);
    REQUIRE(ticks.at.size() >= 2);
    REQUIRE(ticks.at.size() <= 7);
    for (std::size_t i = 0; i < ticks.at.size(); ++i) {
      REQUIRE(ticks.at[i] >= range.low - 1e-6 * ticks.spacing);
      REQUIRE(ticks.at[i] <= range.high + 1e-6 * ticks.spacing);
      const double multiple = ticks.at[i] / ticks.spacing;
      REQUIRE(std::abs(multiple - std::round(multiple)) < 1e-6);
      if (i > 0) REQUIRE(ticks.at[i] > ticks.at[i - 1]);
    }
  }
}

TEST_CASE("labels tell ticks apart in as few digits as do", "[report]") {
  CHECK(tick_label(0.4, 0.2) == "0.4");
  CHECK(tick_label(2, 0.5) == "2");
  CHECK(tick_label(0.025, 0.025) == "0.03");  // no spacing of ours: 1, 2 and 5 need one digit
  CHECK(tick_label(0.02, 0.02) == "0.02");
  CHECK(tick_label(2000, 500) == "2000");
  CHECK(tick_label(250000, 50000) == "250,000");
  CHECK(tick_label(-1250000, 50000) == "-1,250,000");
  CHECK(tick_label(0, 500) == "0");
  CHECK(tick_label(2e-5, 1e-5) == "2e-05");
  CHECK(decade_label(0.001) == "0.001");
  CHECK(decade_label(1e-7) == "10⁻⁷");
  CHECK(decade_label(1e12) == "10¹²");
}

TEST_CASE("a curve passes where its numbers lie between the ticks", "[report]") {
  const Element chart = drawn({curve({0, 4, 2})}, {.y_label = "loss"});
  const Element& line = *chart.all("path", "s0").at(0);
  const Path path = parse_path(line.at("d"));
  CHECK(path.commands == "MLL");
  REQUIRE(path.points.size() == 3);
  const double zero = height_of(chart, "0"), four = height_of(chart, "4");
  CHECK(zero > four);  // y points down
  CHECK(path.points[0].y == Approx(zero).margin(0.1));
  CHECK(path.points[1].y == Approx(four).margin(0.1));
  CHECK(path.points[2].y == Approx((zero + four) / 2).margin(0.1));
  CHECK(path.points[1].x - path.points[0].x == Approx(path.points[2].x - path.points[1].x).margin(0.11));
  CHECK(chart.all("circle").size() == 3);
  CHECK(chart.all("circle")[1]->words() == "loss, 1: 4");
}

TEST_CASE("on a logarithmic scale equal factors are equal lengths", "[report]") {
  const Element chart = drawn({curve({100, 10, 0.1})}, {.y_label = "loss", .y_scale = Scale::logarithmic});
  const Path path = parse_path(chart.all("path", "s0").at(0)->at("d"));
  REQUIRE(path.points.size() == 3);
  CHECK(path.points[2].y - path.points[1].y == Approx(2 * (path.points[1].y - path.points[0].y)).margin(0.3));
  CHECK(path.points[1].y == Approx(height_of(chart, "10")).margin(0.1));
}

TEST_CASE("what is not finite is a gap, and counted", "[report]") {
  const double infinity = std::numeric_limits<double>::infinity();
  const Element chart = drawn({curve({1, 2, std::nan(""), 3, infinity, 4})}, {.y_label = "loss"});
  CHECK(parse_path(chart.all("path", "s0").at(0)->at("d")).commands == "MLMM");
  CHECK(chart.words().find("(2 points off the scale)") != std::string::npos);
  const Element log = drawn({curve({1, 0, -2, 3})}, {.y_label = "loss", .y_scale = Scale::logarithmic});
  CHECK(parse_path(log.all("path", "s0").at(0)->at("d")).commands == "MM");
  CHECK(log.words().find("(2 points off the scale)") != std::string::npos);
}

TEST_CASE("every curve has its color and its line in the legend, with the last value", "[report]") {
  Curve other("sorting <fast>");
  other.add(0, 0.5);
  other.add(2, 0.25);
  const Element chart = drawn({curve({1, 2}), other}, {.y_label = "accuracy", .percent = true});
  CHECK(chart.all("path", "s0").size() == 1);
  CHECK(chart.all("path", "s1").size() == 1);
  CHECK(chart.all("line", "s1").size() == 1);
  CHECK(chart.words().find("loss, in the end 200 %") != std::string::npos);
  CHECK(chart.words().find("sorting <fast>, in the end 25 %") != std::string::npos);
}

TEST_CASE("a long curve keeps its extremes and loses what no one could see", "[report]") {
  Curve noise("noise");
  for (int i = 0; i < 100000; ++i) noise.add(i, i == 31234 ? 60 : i == 71234 ? -60 : i % 7);
  const Element chart = drawn({noise}, {.y_label = "y", .reaches = {-60, 60}});
  const Path path = parse_path(chart.all("path", "s0").at(0)->at("d"));
  CHECK(path.points.size() < 2000);
  double top = 1e9, bottom = -1e9;
  for (const Point p : path.points) {
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
  CHECK(top == Approx(height_of(chart, "60")).margin(0.1));
  CHECK(bottom == Approx(height_of(chart, "-60")).margin(0.1));
}

TEST_CASE("everything that is drawn lies inside the drawing", "[report]") {
  for (const std::vector<double>& values : {std::vector<double>{},
                                            {1},
                                            {0, 0, 0},
                                            {-1e-5, 3e-5},
                                            {1e9, 3e12},
                                            {1e300, -1e300},
                                            {1e-320, 2e-320}}) {
    for (const Scale scale : {Scale::linear, Scale::logarithmic}) {
      const Element chart = drawn({curve(values)}, {.y_label = "y", .y_scale = scale});
      for (const Element* circle : chart.all("circle")) {
        CHECK(circle->number("cx") >= 0);
        CHECK(circle->number("cx") <= chart.number("width"));
        CHECK(circle->number("cy") >= 0);
        CHECK(circle->number("cy") <= chart.number("height"));
      }
      for (const Element* text : chart.all("text", "tick"))
        CHECK(text->text.find("nan") == std::string::npos);
    }
  }
}

TEST_CASE("a curve of unequal lengths is refused", "[report]") {
  Curve broken("broken");
  broken.x = {1, 2, 3};
  broken.y = {1, 2};
  CHECK_THROWS_WITH(line_chart({broken}, {}), "line_chart: curve 'broken': expected 3 values, got 2");
}

TEST_CASE("a history keeps accuracies where they are known", "[report]") {
  History history;
  history.add(10, 2.5);
  history.add(20, 1.5, 0.75);
  CHECK(history.loss().x == std::vector<double>{10, 20});
  CHECK(history.loss().y == std::vector<double>{2.5, 1.5});
  CHECK(history.accuracy().x == std::vector<double>{20});
}

}  // namespace ctgrad::report
