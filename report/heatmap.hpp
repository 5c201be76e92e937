#pragma once

#include <ctgrad/report/ticks.hpp>
#include <ctgrad/runtime/dense.hpp>

#include <span>
#include <stdexcept>

/// Heat maps, of attention weights above all: rows are queries, columns are keys.
namespace ctgrad::report {

struct Heatmap {
  std::string title;                 ///< "head 1"
  std::vector<std::string> rows;     ///< one label each, the queries' tokens
  std::vector<std::string> columns;  ///< one label each, the keys' tokens
  std::vector<double> values;        ///< row-major: [rows, columns]
};

namespace heating {

inline constexpr double letter = 6.7;        ///< of a label, in a font of fixed width
inline constexpr double title_letter = 7.8;  ///< of a title, in bold
inline constexpr std::size_t most_columns = 16;

inline double label_width(const std::vector<std::string>& labels) {
  std::size_t most = 1;
  for (const std::string& label : labels)
    most = std::max(most, report::columns(shortened(visible(label), most_columns)));
  return letter * static_cast<double>(most);
}

inline Markup label(Point at, std::string_view anchor, const std::string& token, bool upright) {
  const std::string turned = "translate(" + number(at.x) + " " + number(at.y) + ") rotate(-90)";
  const Markup words = text_of(shortened(visible(token), most_columns));
  if (upright)
    return element("text", {{"class", "token"}, {"text-anchor", std::string(anchor)}, {"transform", turned}},
                   words);
  return element("text", {{"class", "token"}, {"x", at.x}, {"y", at.y}, {"text-anchor", std::string(anchor)}},
                 words);
}

/// How much of the ink a value gets: none at the scale's low end, all at its high end.
inline double share(double value, Range scale) { return (value - scale.low) / scale.length(); }

/// One cell. Ink over paper, so that lightness goes about evenly from one end to the other on light and dark
/// pages alike. What is not finite is crossed out.
inline Markup cell(Point at, double side, double value, Range scale, const std::string& words) {
  const bool shown = fits_an_axis(value);
  const double inset = 0.5;
  return element("rect",
                 {{"class", shown ? "cell" : "cell missing"},
                  {"x", at.x + inset},
                  {"y", at.y + inset},
                  {"width", side - 2 * inset},
                  {"height", side - 2 * inset},
                  {"fill-opacity", shown ? number(share(value, scale), 3) : "1"}},
                 tooltip(words));
}

}  // namespace heating

/// A scale for several maps: from 0, or the least negative value, to a round number no less than any value.
inline Range scale_of(std::span<const Heatmap> maps) {
  Range scale{0, 0};
  for (const Heatmap& map : maps) {
    for (const double value : map.values) {
      if (!fits_an_axis(value)) continue;
      scale = {std::min(scale.low, value), std::max(scale.high, value)};
    }
  }
  if (scale.high > 1e-290) scale.high = round_up(scale.high);
  return scale.length() > 1e-290 ? scale : Range{0, 1};
}

/// Throws std::invalid_argument unless there are as many values as cells, all of them on the scale; rounding
/// may lead a little beyond it.
inline void check(const Heatmap& map, Range scale) {
  const std::string name = "heatmap '" + map.title + "': ";
  if (map.values.size() != map.rows.size() * map.columns.size()) {
    throw std::invalid_argument(name + "values: expected " + std::to_string(map.rows.size()) + " x " +
                                std::to_string(map.columns.size()) + ", got " +
                                std::to_string(map.values.size()));
  }
  const double slack = 1e-4 * scale.length();
  for (const double value : map.values) {
    if (!fits_an_axis(value) || (value >= scale.low - slack && value <= scale.high + slack)) continue;
    throw std::invalid_argument(name + "values: expected from " + significant(scale.low) + " to " +
                                significant(scale.high) + ", got " + significant(value));
  }
}

/// One map on a given scale. Throws std::invalid_argument if there are not as many values as cells, and for a
/// value that the scale does not reach.
inline Markup heatmap(const Heatmap& map, Range scale) {
  check(map, scale);
  const std::size_t rows = map.rows.size(), columns = map.columns.size();
  const double side = std::max(rows, columns) > 24 ? 13 : 18;
  const double widest = heating::label_width(map.columns);
  const bool upright = widest > side;
  const double left = heating::label_width(map.rows) + 8;
  const double top = 22 + (upright ? widest : 12) + 4;
  Markup drawing = element("text", {{"class", "head"}, {"x", left}, {"y", 12}}, text_of(map.title));
  const auto at = [&](std::size_t i) { return side * static_cast<double>(i); };
  for (std::size_t c = 0; c < columns; ++c) {
    const double middle = left + at(c) + side / 2;
    drawing += heating::label({upright ? middle + 4 : middle, top - 5}, upright ? "start" : "middle",
                              map.columns[c], upright);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    drawing += heating::label({left - 6, top + at(r) + side / 2 + 4}, "end", map.rows[r], false);
    for (std::size_t c = 0; c < columns; ++c) {
      const double value = map.values[r * columns + c];
      drawing += heating::cell(
          {left + at(c), top + at(r)}, side, value, scale,
          visible(map.rows[r]) + " → " + visible(map.columns[c]) + ": " + significant(value, 6));
    }
  }
  drawing += leaf(
      "rect", {{"class", "frame"}, {"x", left}, {"y", top}, {"width", at(columns)}, {"height", at(rows)}});
  const double title = left + heating::title_letter * static_cast<double>(report::columns(map.title)) + 4;
  return svg(std::max(left + at(columns) + 4, title), top + at(rows) + 4, map.title, drawing, "heatmap");
}

/// What the ink means: a strip from one end of the scale to the other.
inline Markup heat_legend(Range scale, const std::string& words) {
  constexpr int parts = 20;
  constexpr double width = 8, height = 10, left = 10;
  Markup drawing;
  for (int i = 0; i < parts; ++i) {
    const double share = static_cast<double>(i) / (parts - 1);
    drawing += leaf("rect", {{"class", "cell strip"},
                             {"x", left + width * i},
                             {"y", 3},
                             {"width", width},
                             {"height", height},
                             {"fill-opacity", number(share, 3)}});
  }
  const double end = left + width * parts;
  drawing +=
      leaf("rect", {{"class", "frame"}, {"x", left}, {"y", 3}, {"width", width * parts}, {"height", height}});
  const auto mark = [&](double x, double value) {
    drawing += element("text", {{"class", "tick"}, {"x", x}, {"y", 26}, {"text-anchor", "middle"}},
                       text_of(significant(value, 3)));
  };
  mark(left, scale.low);
  mark((left + end) / 2, (scale.low + scale.high) / 2);
  mark(end, scale.high);
  drawing += element("text", {{"class", "label"}, {"x", end + 16}, {"y", 12}}, text_of(words));
  const double all = end + 24 + heating::letter * static_cast<double>(report::columns(words));
  return svg(all, 30, words, drawing, "heat-legend");
}

/// Maps side by side on one scale, with its legend.
inline Markup heatmaps(std::span<const Heatmap> maps, Range scale, const std::string& words) {
  Markup side_by_side;
  for (const Heatmap& map : maps) side_by_side += heatmap(map, scale);
  return element("div", {{"class", "row"}}, side_by_side) + heat_legend(scale, words);
}

/// One map for every head of one sample of attention weights [batch, heads, T, S], an array with shape() and
/// data(), dense and row-major: "head 1", "head 2" ... There may be fewer tokens than rows or columns, so
/// that padding is not shown. Throws std::invalid_argument, naming the axis, for a wrong rank, sample or
/// number of tokens, and naming the weights for a view that is not dense.
template <class Weights>
std::vector<Heatmap> attention_heads(const Weights& weights, std::size_t sample,
                                     const std::vector<std::string>& queries,
                                     const std::vector<std::string>& keys) {
  std::vector<std::size_t> shape;
  for (const auto extent : weights.shape()) shape.push_back(static_cast<std::size_t>(extent));
  const auto refuse = [](const std::string& what, std::size_t expected, std::size_t got) {
    throw std::invalid_argument("attention_heads: " + what + " " + std::to_string(expected) + ", got " +
                                std::to_string(got));
  };
  if (shape.size() != 4) refuse("weights: expected rank", 4, shape.size());
  if (sample >= shape[0]) refuse("sample: expected less than", shape[0], sample);
  if (queries.size() > shape[2]) refuse("queries: expected at most", shape[2], queries.size());
  if (keys.size() > shape[3]) refuse("keys: expected at most", shape[3], keys.size());
  const auto* numbers = runtime::dense_data(weights, "attention_heads: weights");
  std::vector<Heatmap> heads;
  for (std::size_t head = 0; head < shape[1]; ++head) {
    Heatmap map{"head " + std::to_string(head + 1), queries, keys, {}};
    for (std::size_t t = 0; t < queries.size(); ++t) {
      const auto* row = numbers + ((sample * shape[1] + head) * shape[2] + t) * shape[3];
      for (std::size_t s = 0; s < keys.size(); ++s) map.values.push_back(static_cast<double>(row[s]));
    }
    heads.push_back(std::move(map));
  }
  return heads;
}

}  // namespace ctgrad::report
