#pragma once

#include <ctgrad/report/curve.hpp>
#include <ctgrad/report/ticks.hpp>

#include <stdexcept>

/// Line charts: loss and accuracy over the steps of a training run.
namespace ctgrad::report {

enum class Scale : std::uint8_t { linear, logarithmic };

struct ChartOptions {
  std::string x_label = "step";
  std::string y_label;
  Scale y_scale = Scale::linear;
  bool percent = false;              ///< y is a share: 0.5 is written 50 %
  std::vector<double> reaches = {};  ///< numbers that the y axis must reach
  double width = 460;
  double height = 270;
};

namespace charting {

inline constexpr double left = 62, right = 18, bottom = 46, above = 14, legend_line = 18;
inline constexpr double letter = 6.7;     ///< of a label, on average and rather too wide
inline constexpr std::size_t colors = 6;  ///< that the style sheet has
inline constexpr std::size_t few = 80;    ///< points that get a dot each
inline constexpr int x_ticks = 7, y_ticks = 6;

/// A chart's axes: from numbers to places.
class Axes {
 public:
  Axes(const std::vector<Curve>& curves, const ChartOptions& options, double top)
      : options_(options), top_(top) {
    bool any = false;
    const auto include = [&](double x, double y) {
      if (!any) x_ = {x, x}, y_ = {y, y};
      any = true;
      x_ = {std::min(x_.low, x), std::max(x_.high, x)};
      y_ = {std::min(y_.low, y), std::max(y_.high, y)};
    };
    for (const Curve& curve : curves) {
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        if (shows(curve.x[i], curve.y[i])) include(curve.x[i], curve.y[i]);
      }
    }
    for (const double y : options.reaches) {
      if (shows(x_.low, y)) include(x_.low, y);
    }
    if (!any && logarithmic()) y_ = {1, 10};
    x_ = widened(x_);
    y_ = logarithmic() ? decades_around(y_) : round_range(y_, y_ticks);
  }

  /// Says whether a point has a place; those at infinity and logarithms of what is not positive have none.
  bool shows(double x, double y) const {
    return fits_an_axis(x) && fits_an_axis(y) && (!logarithmic() || y > 1e-300);
  }
  bool logarithmic() const { return options_.y_scale == Scale::logarithmic; }

  Point place(double x, double y) const { return {place_x(x), place_y(y)}; }
  double place_x(double x) const {
    return left + (x - x_.low) / x_.length() * (options_.width - left - right);
  }
  double place_y(double y) const {
    const double share =
        logarithmic() ? std::log10(y / y_.low) / std::log10(y_.high / y_.low) : (y - y_.low) / y_.length();
    return floor() - share * (floor() - top_);
  }
  double top() const { return top_; }
  double floor() const { return options_.height - bottom; }

  Markup draw() const {
    Markup marks;
    const Ticks across = ticks_in(x_, x_ticks);
    for (const double x : across.at) {
      marks += line({place_x(x), floor()}, {place_x(x), floor() + 4}, "axis");
      marks += label({place_x(x), floor() + 17}, "middle", tick_label(x, across.spacing), "tick");
    }
    const Ticks up = logarithmic() ? decades_in(y_, y_ticks) : ticks_in(y_, y_ticks + 1);
    for (const double y : up.at) {
      marks += line({left, place_y(y)}, {options_.width - right, place_y(y)}, "grid");
      marks += label({left - 7, place_y(y) + 4}, "end", y_text(y, up.spacing), "tick");
    }
    marks += line({left, floor()}, {options_.width - right, floor()}, "axis");
    marks += label({(left + options_.width - right) / 2, options_.height - 8}, "middle", options_.x_label,
                   "label");
    const double middle = (top_ + floor()) / 2;
    marks += element("text",
                     {{"class", "label"},
                      {"text-anchor", "middle"},
                      {"transform", "translate(14 " + number(middle) + ") rotate(-90)"}},
                     text_of(options_.y_label));
    return marks;
  }

  /// A value as the chart's words say it.
  std::string value_text(double y) const {
    return options_.percent ? number(100 * y, 2) + " %" : significant(y, 4);
  }

  static Markup line(Point from, Point to, std::string_view kind) {
    return leaf("line",
                {{"class", std::string(kind)}, {"x1", from.x}, {"y1", from.y}, {"x2", to.x}, {"y2", to.y}});
  }
  static Markup label(Point at, std::string_view anchor, std::string_view words, std::string_view kind) {
    return element(
        "text",
        {{"class", std::string(kind)}, {"x", at.x}, {"y", at.y}, {"text-anchor", std::string(anchor)}},
        text_of(words));
  }

 private:
  std::string y_text(double y, double spacing) const {
    if (options_.percent) return tick_label(100 * y, 100 * spacing) + " %";
    return logarithmic() ? decade_label(y) : tick_label(y, spacing);
  }

  const ChartOptions& options_;
  double top_;
  Range x_;
  Range y_;
};

/// The points of a curve that a drawing can tell apart: of those in one column of pixels the first, the
/// least, the largest and the last. What has no place is kept, as a gap.
inline std::vector<std::size_t> distinct_points(const Curve& curve, const Axes& axes) {
  std::vector<std::size_t> kept;
  const auto column = [&](std::size_t i) { return std::floor(axes.place_x(curve.x[i])); };
  const std::size_t count = curve.x.size();
  for (std::size_t begin = 0, end = 0; begin < count; begin = end) {
    end = begin + 1;
    if (!axes.shows(curve.x[begin], curve.y[begin])) {
      kept.push_back(begin);
      continue;
    }
    std::size_t least = begin, most = begin;
    for (; end < count && axes.shows(curve.x[end], curve.y[end]) && column(end) == column(begin); ++end) {
      if (curve.y[end] < curve.y[least]) least = end;
      if (curve.y[end] > curve.y[most]) most = end;
    }
    std::array<std::size_t, 4> four{begin, least, most, end - 1};
    std::ranges::sort(four);
    for (const std::size_t i : four) {
      if (kept.empty() || kept.back() != i) kept.push_back(i);
    }
  }
  return kept;
}

inline Markup draw(const Curve& curve, std::size_t position, const Axes& axes) {
  const std::string color = "series s" + std::to_string(position % colors);
  std::string path;
  bool joined = false;
  for (const std::size_t i : distinct_points(curve, axes)) {
    const bool shown = axes.shows(curve.x[i], curve.y[i]);
    if (shown) path += (joined ? " L" : " M") + coordinates(axes.place(curve.x[i], curve.y[i]));
    joined = shown;
  }
  Markup drawing;
  if (!path.empty()) drawing += leaf("path", {{"class", color}, {"d", path.substr(1)}});
  for (std::size_t i = 0; curve.x.size() <= few && i < curve.x.size(); ++i) {
    if (!axes.shows(curve.x[i], curve.y[i])) continue;
    const Point p = axes.place(curve.x[i], curve.y[i]);
    const std::string words = curve.name + ", " + number(curve.x[i]) + ": " + axes.value_text(curve.y[i]);
    drawing += element("circle", {{"class", color}, {"cx", p.x}, {"cy", p.y}, {"r", 2.4}}, tooltip(words));
  }
  return drawing;
}

/// What a curve is called in the legend, with its last value, and how much of it has no place.
inline std::string legend_text(const Curve& curve, const Axes& axes) {
  std::size_t missing = 0;
  for (std::size_t i = 0; i < curve.x.size(); ++i) missing += axes.shows(curve.x[i], curve.y[i]) ? 0u : 1u;
  std::string words = curve.name;
  if (!curve.y.empty()) words += ", in the end " + axes.value_text(curve.y.back());
  if (missing > 0)
    words += " (" + std::to_string(missing) + (missing == 1 ? " point" : " points") + " off the scale)";
  return words;
}

inline Markup legend(const std::vector<Curve>& curves, const Axes& axes) {
  Markup lines;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const double y = above + legend_line * static_cast<double>(i);
    lines += Axes::line({left, y}, {left + 22, y}, "series s" + std::to_string(i % colors));
    lines += Axes::label({left + 29, y + 4}, "start", legend_text(curves[i], axes), "label");
  }
  return lines;
}

}  // namespace charting

/// A chart of several curves over the same axis, for a `Report`'s figure; dots name their values. Points that
/// are not finite are gaps, on a logarithmic scale also those that are not positive; the legend counts them.
/// Throws std::invalid_argument for a curve that has not as many x as y.
inline Markup line_chart(const std::vector<Curve>& curves, const ChartOptions& options) {
  for (const Curve& curve : curves) {
    if (curve.x.size() == curve.y.size()) continue;
    throw std::invalid_argument("line_chart: curve '" + curve.name + "': expected " +
                                std::to_string(curve.x.size()) + " values, got " +
                                std::to_string(curve.y.size()));
  }
  const double top = charting::above + charting::legend_line * static_cast<double>(curves.size());
  ChartOptions sized = options;
  sized.height += charting::legend_line * static_cast<double>(curves.empty() ? 0 : curves.size() - 1);
  const charting::Axes axes(curves, sized, top);
  Markup drawing = axes.draw();
  for (std::size_t i = 0; i < curves.size(); ++i) drawing += charting::draw(curves[i], i, axes);
  drawing += charting::legend(curves, axes);
  return svg(sized.width, sized.height, options.y_label + " over " + options.x_label, drawing, "chart");
}

}  // namespace ctgrad::report
