#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/report/text.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <utility>

/// Building blocks of HTML and SVG. Every text is escaped on its way into markup, every element is closed.
namespace ctgrad::report {

/// What is markup already. A string becomes it by `text_of`, which escapes it.
struct Markup {
  std::string text;

  Markup& operator+=(const Markup& more) {
    text += more.text;
    return *this;
  }
  friend Markup operator+(Markup left, const Markup& right) {
    left += right;
    return left;
  }
};

inline Markup text_of(std::string_view text) { return {escaped(text)}; }

/// A number with at most `digits` digits behind the point and no zeros at its end, whatever the locale.
inline std::string number(double value, int digits = 2) {
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), text::unsigned_nan(value),
                                 std::chars_format::fixed, std::isfinite(value) ? digits : 0);
  std::string text(buffer.data(), end.ptr);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

using text::significant;

/// A name and what it is, not yet escaped.
struct Attribute {
  std::string_view name;
  std::string value;

  Attribute(std::string_view n, std::string v) : name(n), value(std::move(v)) {}
  Attribute(std::string_view n, const char* v) : name(n), value(v) {}
  Attribute(std::string_view n, double v) : name(n), value(number(v)) {}
};
using Attributes = std::initializer_list<Attribute>;

inline std::string opening(std::string_view tag, Attributes attributes) {
  std::string text = "<" + std::string(tag);
  for (const Attribute& a : attributes)
    text.append(" ").append(a.name).append("=\"").append(escaped(a.value)).append("\"");
  return text;
}

/// An element with content: `element("g", {{"class", "axis"}}, ticks)`.
inline Markup element(std::string_view tag, Attributes attributes, const Markup& content) {
  return {opening(tag, attributes) + ">" + content.text + "</" + std::string(tag) + ">"};
}
inline Markup element(std::string_view tag, const Markup& content) { return element(tag, {}, content); }

/// An element that has none: `leaf("line", {{"x1", 0}, ...})`.
inline Markup leaf(std::string_view tag, Attributes attributes) { return {opening(tag, attributes) + "/>"}; }

/// What a browser shows of an element that the pointer rests on, and reads aloud.
inline Markup tooltip(std::string_view text) { return element("title", text_of(text)); }

/// A drawing of that size in pixels; it shrinks where there is less room. `label` says what it shows.
inline Markup svg(double width, double height, std::string_view label, const Markup& content,
                  std::string_view kind) {
  return element("svg",
                 {{"class", std::string(kind)},
                  {"viewBox", "0 0 " + number(width) + " " + number(height)},
                  {"width", width},
                  {"height", height},
                  {"role", "img"},
                  {"aria-label", std::string(label)}},
                 content);
}

struct Point {
  double x = 0;
  double y = 0;
};

/// "12,40"
inline std::string coordinates(Point p) { return number(p.x, 1) + "," + number(p.y, 1); }

}  // namespace ctgrad::report
