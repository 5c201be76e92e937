#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A strict reader of markup: what a browser would silently repair is an error here.
namespace ctgrad::test {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;  ///< without entities
  std::string text;                               ///< directly inside, without entities
  std::vector<Element> children;

  /// All elements below of a name, and where one is asked for of a class, in their order.
  std::vector<const Element*> all(const std::string& wanted, const std::string& kind = "") const {
    std::vector<const Element*> found;
    for (const Element& child : children) {
      if (child.name == wanted && (kind.empty() || child.is(kind))) found.push_back(&child);
      for (const Element* deeper : child.all(wanted, kind)) found.push_back(deeper);
    }
    return found;
  }
  bool is(const std::string& kind) const {
    const auto found = attributes.find("class");
    return found != attributes.end() &&
           (" " + found->second + " ").find(" " + kind + " ") != std::string::npos;
  }
  const std::string& at(const std::string& attribute) const { return attributes.at(attribute); }
  double number(const std::string& attribute) const {
    std::size_t end = 0;
    const double value = std::stod(at(attribute), &end);
    if (end != at(attribute).size()) throw std::runtime_error(at(attribute) + " is no number");
    return value;
  }
  /// Its text and that of all below, in their order as far as texts come first.
  std::string words() const {
    std::string all = text;
    for (const Element& child : children) all += child.words();
    return all;
  }
};

/// Reads markup of one root, maybe after a doctype. Throws std::runtime_error if any element is not closed
/// by its own tag, an attribute is not quoted or there twice, a '<' or '&' stands for itself, an entity is
/// unknown, a character may not be in a document, or HTML would take <p/> for <p>.
class MarkupReader {
 public:
  explicit MarkupReader(std::string_view markup) : rest_(markup) {}

  Element read() {
    skip("<!DOCTYPE html>");
    space();
    expect("<");
    Element root = element(false);
    space();
    if (!rest_.empty()) fail("the end");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw std::runtime_error("expected " + expected + " before '" + std::string(rest_.substr(0, 60)) + "'");
  }
  bool skip(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) {
    if (!skip(word)) fail(std::string(word));
  }
  void space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }
  std::string name() {
    std::string found;
    while (!rest_.empty() &&
           (std::isalnum(static_cast<unsigned char>(rest_[0])) != 0 || rest_[0] == '-' || rest_[0] == ':')) {
      found += rest_[0];
      rest_.remove_prefix(1);
    }
    if (found.empty()) fail("a name");
    return found;
  }

  /// One character of a text or of a quoted value.
  char character() {
    static const std::map<std::string, char> entities{
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    for (const auto& [entity, meaning] : entities) {
      if (skip(entity)) return meaning;
    }
    const char c = rest_[0];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&' || c == '<' || c == '>' || byte == 0x7F || (byte < 0x20 && c != '\n' && c != '\t'))
      fail("an escaped character");
    rest_.remove_prefix(1);
    return c;
  }

  Element element(bool in_svg) {
    Element found;
    found.name = name();
    in_svg = in_svg || found.name == "svg";
    while (skip(" ")) {
      const std::string attribute = name();
      expect("=\"");
      std::string value;
      while (!rest_.empty() && rest_[0] != '"') value += character();
      expect("\"");
      if (!found.attributes.emplace(attribute, value).second) fail("one '" + attribute + "'");
    }
    const bool is_void = found.name == "meta";
    if (skip("/>")) {
      if (!in_svg && !is_void) fail("a closing tag for " + found.name);
      return found;
    }
    if (is_void) fail("/>");
    expect(">");
    while (!skip("</")) {
      if (rest_.empty()) fail("</" + found.name + ">");
      if (skip("<")) {
        found.children.push_back(element(in_svg));
      } else {
        found.text += character();
      }
    }
    expect(found.name + ">");
    return found;
  }

  std::string_view rest_;
};

inline Element read_markup(std::string_view markup) { return MarkupReader(markup).read(); }

}  // namespace ctgrad::test
