#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/summary.hpp>
#include <ctgrad/report/report.hpp>

#include <support/catch.hpp>

#include "markup.hpp"

#include <random>

namespace ctgrad::report {

namespace {

using test::Element;

/// A graph of a little network's gradients, as a program traces it.
constexpr auto network = [](auto x, auto w, auto b) {
  const auto hidden = relu(matmul(x, w) + b);
  return mean(square(softmax(layer_norm(hidden, b, b)) + hidden));
};
using Network = runtime::Trace<grad(network), Tensor<4, 8>, Tensor<8, 8>, Tensor<8>>;

struct Rectangle {
  double left, top, right, bottom;
};

std::vector<Rectangle> rectangles(const Element& drawing) {
  std::vector<Rectangle> found;
  for (const Element* box : drawing.all("g", "box")) {
    const Element& rect = *box->all("rect").at(0);
    const double x = rect.number("x"), y = rect.number("y");
    found.push_back({x, y, x + rect.number("width"), y + rect.number("height")});
  }
  return found;
}

/// The first and the last point of a path.
std::pair<Point, Point> ends(const std::string& d) {
  std::vector<double> numbers;
  char last_command = ' ';
  for (std::size_t at = 0; at < d.size();) {
    const char c = d[at];
    if (c == 'M' || c == 'C' || c == 'V') last_command = c;
    if (c == 'M' || c == 'C' || c == 'V' || c == ' ' || c == ',') {
      ++at;
      continue;
    }
    std::size_t used = 0;
    const double value = std::stod(d.substr(at), &used);
    at += used;
    if (last_command == 'V') numbers.push_back(numbers[numbers.size() - 2]);  // straight down
    numbers.push_back(value);
  }
  return {{numbers[0], numbers[1]}, {numbers[numbers.size() - 2], numbers.back()}};
}

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/// One box for every node, none on another; one path for every edge, from the foot of its source down to the
/// head of its user; all of it inside the drawing.
void check_drawing(const Boxes& graph) {
  const Element drawing = test::read_markup(draw(graph, "a graph").text);
  const std::vector<Rectangle> boxes = rectangles(drawing);
  REQUIRE(boxes.size() == graph.boxes.size());
  int overlaps = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) overlaps += overlap(boxes[i], boxes[k]) ? 1 : 0;
    CHECK(boxes[i].left >= 0);
    CHECK(boxes[i].top >= 0);
    CHECK(boxes[i].right <= drawing.number("width"));
    CHECK(boxes[i].bottom <= drawing.number("height"));
  }
  CHECK(overlaps == 0);
  const auto paths = drawing.all("path");
  REQUIRE(paths.size() == graph.edges.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto [from, to] = ends(paths[i]->at("d"));
    const Rectangle& source = boxes[graph.edges[i].from];
    const Rectangle& user = boxes[graph.edges[i].to];
    CHECK(from.x == Approx((source.left + source.right) / 2).margin(0.4));
    CHECK(from.y == Approx(source.bottom).margin(0.1));
    CHECK(to.x == Approx((user.left + user.right) / 2).margin(0.4));
    CHECK(to.y == Approx(user.top).margin(0.1));
    CHECK(to.y > from.y);
  }
}

}  // namespace

TEST_CASE("a drawing has a box for every node and a path for every operand", "[report]") {
  const Graph graph = Network::traced();
  const Boxes boxes = boxes_of(graph);
  std::size_t operands = 0;
  for (const Node& node : graph.nodes()) {
    const std::set<std::int32_t> distinct(node.operands, node.operands + node.operand_count);
    operands += distinct.size();
  }
  CHECK(boxes.boxes.size() == static_cast<std::size_t>(graph.size()));
  CHECK(boxes.edges.size() == operands);
  check_drawing(boxes);
}

TEST_CASE("drawings of random graphs have no overlapping boxes", "[report]") {
  const std::uint64_t seed = test::seed();
  std::mt19937_64 random(seed);
  for (std::size_t trial = 0; trial < 40; ++trial) {
    INFO("seed " << seed << ", trial " << trial);
    Boxes graph;
    const std::size_t nodes = trial == 0 ? 0 : 1 + random() % (trial < 39 ? 60 : 400);
    for (std::size_t i = 0; i < nodes; ++i) {
      graph.boxes.push_back({std::string(1 + random() % 20, 'n'), "8×8", "", BoxKind::leaf, false});
      std::set<std::size_t> sources;
      for (std::size_t k = random() % 4; i > 0 && k > 0; --k) {
        const std::size_t near = std::min<std::size_t>(i, random() % 4 == 0 ? 400 : 6);
        sources.insert(i - 1 - random() % near);
      }
      for (const std::size_t source : sources) graph.edges.push_back({source, i});
    }
    check_drawing(graph);
  }
}

TEST_CASE("values that travel far go around the boxes of the layers between", "[report]") {
  const std::vector<double> widths{40, 40, 200, 40, 40};
  const Placed placed = LayeredLayout(widths, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 4}}).run();
  const std::vector<Point>& far = placed.edges.back();
  REQUIRE(far.size() == 5);
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(far[i].y == placed.boxes[i].y);
    CHECK(std::abs(far[i].x - placed.boxes[i].x) > widths[i] / 2);
  }
}

TEST_CASE("places stay as close to what is wanted as their gaps allow", "[report]") {
  CHECK(spread({0, 10, 20}, {1, 1, 1}, {0, 5, 5}) == std::vector<double>{0, 10, 20});
  CHECK(spread({3, 3}, {1, 1}, {0, 4}) == std::vector<double>{1, 5});
  CHECK(spread({3, 3}, {3, 1}, {0, 4}) == std::vector<double>{2, 6});
  CHECK(spread({9, 0, 0}, {1, 1, 1}, {0, 3, 3}) == std::vector<double>{0, 3, 6});
}

TEST_CASE("boxes are colored by what they do and named by what they are", "[report]") {
  const Graph graph = Network::traced();
  const std::vector<std::string> names{"x", "dense.weight", "<bias>"};
  const Element drawing = test::read_markup(draw(boxes_of(graph, names), "t").text);
  const auto boxes = drawing.all("g", "box");
  const auto kind_of_first = [&](std::string_view operation) {
    for (std::int32_t id = 0; id < graph.size(); ++id) {
      if (graph[id].operation->name != operation) continue;
      std::string kind = boxes[static_cast<std::size_t>(id)]->at("class");
      return kind;
    }
    return std::string("none");
  };
  CHECK(kind_of_first("matmul") == "box product");
  CHECK(kind_of_first("relu") == "box elementwise");
  CHECK(kind_of_first("softmax") == "box rows");
  CHECK(kind_of_first("broadcast") == "box moving");
  CHECK(kind_of_first("input") == "box leaf");
  const auto input = static_cast<std::size_t>(graph.inputs[2]);
  CHECK(boxes[input]->all("text")[0]->words() == "<bias> 8");
  CHECK(boxes[input]->words().find("real") == std::string::npos);
  CHECK(boxes[static_cast<std::size_t>(graph.outputs[0])]->is("output"));
  CHECK(drawing.all("g", "output").size() == 1);
}

TEST_CASE("long paths keep the parts that tell inputs apart", "[report]") {
  const Box box{"encoder.layers.0.feed_forward.contract.weight", "8×8", "", BoxKind::leaf, false};
  CHECK(drawing::name_in(box) == "…contract.weight");
  CHECK(columns(drawing::name_in(box)) <= drawing::most_columns);
}

TEST_CASE("what is run has a box for every kernel call and every input that is read", "[report]") {
  const Graph graph = Network::make();
  const plan::Plan plan = plan::Planner(graph, sizeof(float)).build();
  const Boxes boxes = calls_of(graph);
  std::set<std::int32_t> inputs;
  for (const plan::KernelCall& call : plan.calls) {
    for (int i = 0; i < call.source_count; ++i) {
      if (graph[call.roots[i]].operation == &operation<ops::Input>) inputs.insert(call.roots[i]);
    }
  }
  const std::size_t calls = plan.calls.size() - static_cast<std::size_t>(plan.constants);
  CHECK(boxes.boxes.size() == calls + inputs.size());
  CHECK(boxes.boxes.size() < boxes_of(graph).boxes.size());
  check_drawing(boxes);
  for (const Edge& edge : boxes.edges) CHECK(edge.from < edge.to);
  std::set<std::size_t> fed;
  for (const Edge& edge : boxes.edges) fed.insert(edge.to);
  CHECK(fed.size() == calls);  // nothing is computed from nothing
}

TEST_CASE("a fused kernel call names all that it computes", "[report]") {
  constexpr auto dense = [](auto x, auto w, auto b) { return relu(matmul(x, w) + b); };
  const Boxes boxes = calls_of(runtime::Trace<dense, Tensor<4, 8>, Tensor<8, 8>, Tensor<8>>::make());
  REQUIRE(boxes.boxes.size() == 4);
  CHECK(boxes.boxes[3].name == "matmul + add + relu");
  CHECK(boxes.boxes[3].shape == "4×8");
  CHECK(boxes.boxes[3].kind == BoxKind::product);
  CHECK(boxes.boxes[3].output);
  CHECK(boxes.edges.size() == 3);
}

TEST_CASE("a report shows a graph before and after fusion, without what nothing needs", "[report]") {
  Report page("t");
  add_graphs(page, Network::traced(), Network::make(), input_names<Tensor<4, 8>, Tensor<8, 8>, Tensor<8>>());
  const Element root = test::read_markup(page.html());
  const auto drawings = root.all("svg", "graph");
  REQUIRE(drawings.size() == 2);
  const Graph live = passes::eliminate_dead(Network::traced());
  CHECK(live.size() < Network::traced().size());
  CHECK(drawings[0]->all("g", "box").size() == static_cast<std::size_t>(live.size()));
  CHECK(drawings[1]->all("g", "box").size() == calls_of(Network::make()).boxes.size());
  CHECK(root.all("summary")[0]->text.starts_with("Before fusion: " + std::to_string(live.size()) + " nodes"));
  CHECK(drawings[1]->words().find("argument 2 8×8") != std::string::npos);
}

}  // namespace ctgrad::report
