#pragma once

#include <ctgrad/inspect/print.hpp>
#include <ctgrad/report/layers.hpp>

#include <set>
#include <span>
#include <utility>

/// Graphs as drawings: a box for every node, an edge from every operand.
namespace ctgrad::report {

/// What a box does, which gives it its color.
enum class BoxKind : std::uint8_t {
  leaf,         ///< inputs and constants
  elementwise,  ///< also several such operations in one kernel call
  rows,         ///< works along the last axis: sums, softmax, layer norm
  product,      ///< matrix products, attention and what else multiplies matrices
  moving,       ///< computes nothing: views, transposes, chosen rows
};

inline constexpr std::array<std::string_view, 5> box_kinds{"leaf", "elementwise", "rows", "product",
                                                           "moving"};

struct Box {
  std::string name;     ///< "matmul"
  std::string shape;    ///< "32×12×32"
  std::string details;  ///< all there is to say, for the tooltip
  BoxKind kind = BoxKind::leaf;
  bool output = false;
};

/// A graph ready to be drawn. Edges lead to boxes of higher number.
struct Boxes {
  std::vector<Box> boxes;
  std::vector<Edge> edges;  ///< each once
};

/// "32×12×32"; "1" for a number.
inline std::string short_shape(const Shape& shape) {
  std::string text;
  for (int axis = 0; axis < shape.rank; ++axis) text += (axis > 0 ? "×" : "") + to_string(shape[axis]);
  return shape.rank == 0 ? "1" : text;
}

inline BoxKind kind_of(const Node& node) {
  const Operation& op = *node.operation;
  if (node.operand_count == 0) return BoxKind::leaf;
  if (op.moves) return BoxKind::moving;
  if (op.is_elementwise) return BoxKind::elementwise;
  if (op.row_work != RowWork::none) return BoxKind::rows;
  if (op.linearity == Linearity::linear || node.type.kind == Kind::index) return BoxKind::moving;
  return BoxKind::product;
}

/// The name of an input where it has one, else of a node's operation; a constant's number.
inline std::string name_of(const Graph& graph, std::int32_t id, std::span<const std::string> inputs) {
  for (std::size_t i = 0; i < std::min(inputs.size(), graph.inputs.size()); ++i) {
    if (graph.inputs[i] == id) return inputs[i];
  }
  const Node& node = graph[id];
  return node.operation->is_splat ? significant(node.attributes.value) : std::string(node.operation->name);
}

/// A box for every node. `inputs` names the graph's inputs; there may be none.
inline Boxes boxes_of(const Graph& graph, std::span<const std::string> inputs = {}) {
  Boxes result;
  for (std::int32_t id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const std::string name = name_of(graph, id, inputs);
    std::string words = text::line(graph, id);
    if (name != node.operation->name) words.append("  ").append(name);
    result.boxes.push_back({name, short_shape(node.type.shape), std::move(words), kind_of(node),
                            std::ranges::find(graph.outputs, id) != graph.outputs.end()});
    std::set<std::int32_t> operands;
    for (int i = 0; i < node.operand_count; ++i) operands.insert(node.operands[i]);
    for (const std::int32_t operand : operands)
      result.edges.push_back({static_cast<std::size_t>(operand), static_cast<std::size_t>(id)});
  }
  return result;
}

namespace drawing {

inline constexpr double letter = 5.5;  ///< of 9 pixels in a font of fixed width
inline constexpr std::size_t most_columns = 28;

/// What there is room for: of an input's path the last parts.
inline std::string name_in(const Box& box) {
  if (box.kind != BoxKind::leaf || columns(box.name) <= most_columns)
    return shortened(box.name, most_columns);
  std::string_view rest = box.name;
  while (columns(rest) >= most_columns && rest.find('.') != std::string_view::npos)
    rest.remove_prefix(rest.find('.') + 1);
  return "…" + shortened(rest, most_columns - 1);
}

inline double width(const Box& box) {
  return letter * static_cast<double>(columns(name_in(box)) + 1 + columns(box.shape)) + 12;
}

inline Markup draw(const Box& box, Point middle, double height) {
  const double wide = width(box);
  const std::string kind(box_kinds[static_cast<std::size_t>(box.kind)]);
  const Markup words =
      text_of(name_in(box) + " ") + element("tspan", {{"class", "shape"}}, text_of(box.shape));
  return element("g", {{"class", "box " + kind + (box.output ? " output" : "")}},
                 tooltip(box.details) +
                     leaf("rect", {{"x", middle.x - wide / 2},
                                   {"y", middle.y - height / 2},
                                   {"width", wide},
                                   {"height", height},
                                   {"rx", 3}}) +
                     element("text", {{"x", middle.x}, {"y", middle.y + 3}}, words));
}

/// Down from the foot of a box, straight through the layers it passes, to the head of another.
inline Markup draw(const std::vector<Point>& points, const Spacing& spacing) {
  const double half = spacing.height / 2, bend = spacing.layers / 2;
  std::string path = "M" + coordinates({points.front().x, points.front().y + half});
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point from = points[i - 1], to = points[i];
    if (std::abs(from.x - to.x) >= 0.3) {
      if (i > 1) path += "V" + number(from.y + half, 1);
      path += "C" + coordinates({from.x, from.y + half + bend}) + " " +
              coordinates({to.x, to.y - half - bend}) + " " + coordinates({to.x, to.y - half});
    } else if (i + 1 == points.size()) {
      path += "V" + number(to.y - half, 1);
    }
  }
  return leaf("path", {{"d", path}});
}

}  // namespace drawing

/// What the colors of a drawing mean.
inline Markup drawing_legend() {
  constexpr std::array<std::string_view, 5> words{"inputs, constants", "element by element", "along rows",
                                                  "matrix products, attention", "views, moves"};
  Markup all;
  for (std::size_t i = 0; i < words.size(); ++i)
    all += element("span", {{"class", "swatch " + std::string(box_kinds[i])}}, text_of(words[i]));
  return element("p", {{"class", "swatches"}}, all);
}

/// The drawing, for a `Report`'s figure or its folded details. Values flow down; outputs have thick borders.
inline Markup draw(const Boxes& graph, const std::string& title) {
  const Spacing spacing;
  std::vector<double> widths;
  for (const Box& box : graph.boxes) widths.push_back(drawing::width(box));
  const Placed placed = LayeredLayout(widths, graph.edges, spacing).run();
  Markup edges, boxes;
  for (const auto& points : placed.edges) edges += drawing::draw(points, spacing);
  for (std::size_t i = 0; i < graph.boxes.size(); ++i)
    boxes += drawing::draw(graph.boxes[i], placed.boxes[i], spacing.height);
  return svg(placed.width, placed.height, title, element("g", {{"class", "edges"}}, edges) + boxes, "graph");
}

}  // namespace ctgrad::report
