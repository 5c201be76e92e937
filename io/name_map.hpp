#pragma once

#include <ctgrad/io/quoted.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Where files of other libraries hold a model's parameters: other names, other layouts.
namespace ctgrad::io {

/// How a file holds a parameter of ours.
struct Layout {
  bool transposed = false;  ///< a matrix as [outputs, inputs], ours being [inputs, outputs]
  bool split = false;       ///< axes may be several: [width, heads, head width] for [width, width]
  std::size_t part = 0;     ///< of several parameters one behind the other, which ...
  std::size_t parts = 1;    ///< ... of how many: more than `part`
  std::size_t axis = 0;     ///< along which axis of the file's tensor these lie, before it is split

  bool operator==(const Layout&) const = default;
};

/// Layouts by name.
namespace layout {
inline constexpr Layout same{};
inline constexpr Layout transposed{.transposed = true};
inline constexpr Layout split{.split = true};
}  // namespace layout

/// Our name and theirs. A `*` in ours stands for a number, and the first one in theirs for the same number,
/// and so on: {"layers.*.weight", "blocks.*.kernel"}.
struct NameRule {
  std::string ours;
  std::string theirs;
  Layout layout = layout::same;
};

/// A table of rules, of which the first that fits a name holds. A name that none fits is the same in the
/// file, and so is its layout. Tables of layers make those of models:
///
///     linear().under("head.", "fc.") + encoder().under("encoder.", "transformer.")
class NameMap {
 public:
  NameMap() = default;

  /// Throws std::invalid_argument if two names have not as many `*`, and if a layout names a part that there
  /// is not.
  NameMap(std::initializer_list<NameRule> rules) : rules_(rules) {
    for (const NameRule& rule : rules_) check(rule);
  }

  /// The same rules for a part of a model: `ours` and `theirs`, "layers.*." say, come before their names.
  NameMap under(const std::string& ours, const std::string& theirs) const {
    NameMap map;
    for (const NameRule& rule : rules_) {
      map += NameMap{{ours + rule.ours, theirs + rule.theirs, rule.layout}};
    }
    return map;
  }

  NameMap& operator+=(const NameMap& more) {
    rules_.insert(rules_.end(), more.rules_.begin(), more.rules_.end());
    return *this;
  }
  friend NameMap operator+(NameMap left, const NameMap& right) { return left += right; }

  /// A name in the file, and the layout there.
  struct Place {
    std::string name;
    Layout layout;
  };

  /// Where the parameter of that name is.
  Place find(std::string_view ours) const {
    for (const NameRule& rule : rules_) {
      if (const auto numbers = match(rule.ours, ours)) return {fill(rule.theirs, *numbers), rule.layout};
    }
    return {std::string(ours), layout::same};
  }

  const std::vector<NameRule>& rules() const { return rules_; }

 private:
  static void check(const NameRule& rule) {
    if (std::ranges::count(rule.ours, '*') != std::ranges::count(rule.theirs, '*')) {
      throw std::invalid_argument("NameMap: expected as many * in " + in_quotes(rule.theirs) + " as in " +
                                  in_quotes(rule.ours));
    }
    if (rule.layout.part >= rule.layout.parts) {
      throw std::invalid_argument("NameMap: " + in_quotes(rule.ours) + ": expected a part below its " +
                                  std::to_string(rule.layout.parts) + " parts, counted from 0, got part " +
                                  std::to_string(rule.layout.part));
    }
  }

  using Numbers = std::vector<std::string_view>;

  /// What the `*`s stand for; nothing if the pattern does not fit the name.
  static std::optional<Numbers> match(std::string_view pattern, std::string_view name) {
    Numbers numbers;
    for (const char expected : pattern) {
      std::size_t length = 1;
      if (expected == '*') {
        length = std::min(name.find_first_not_of("0123456789"), name.size());
        numbers.push_back(name.substr(0, length));
      }
      const bool fits = expected == '*' ? length > 0 : !name.empty() && name.front() == expected;
      if (!fits) return {};
      name.remove_prefix(length);
    }
    return name.empty() ? std::optional(numbers) : std::nullopt;
  }

  static std::string fill(std::string_view pattern, const Numbers& numbers) {
    std::string name;
    std::size_t used = 0;
    for (const char character : pattern) {
      if (character == '*') {
        name += numbers[used++];
      } else {
        name += character;
      }
    }
    return name;
  }

  std::vector<NameRule> rules_;
};

}  // namespace ctgrad::io
