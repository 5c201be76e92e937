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
  std::vector<std::string> others = {};  ///< what other files call it; the first that is in a file holds
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
    for (const NameRule& rule : rules_) map.rules_.push_back(under(rule, ours, theirs));
    for (const NameRule& rule : repeats_) map.repeats_.push_back(under(rule, ours, theirs));
    for (const std::string& name : ignored_) map.ignored_.push_back(theirs + name);
    for (const NameRule& rule : map.rules_) check(rule);
    return map;
  }

  /// The same rules for files some of which have `theirs` before all names: "weight", or "model.weight".
  NameMap or_under(const std::string& theirs) const {
    NameMap map = *this;
    for (std::vector<NameRule>* rules : {&map.rules_, &map.repeats_}) {
      for (NameRule& rule : *rules) {
        const NameRule more = under(rule, "", theirs);
        rule.others.push_back(more.theirs);
        rule.others.insert(rule.others.end(), more.others.begin(), more.others.end());
        check(rule);
      }
    }
    for (const std::string& name : ignored_) map.ignored_.push_back(theirs + name);
    return map;
  }

  /// And tensors that are none of the model's: what holds no parameter, but is in the file, is left alone
  /// where a name here fits it. A `*` stands for a number.
  NameMap ignoring(std::initializer_list<std::string> theirs) const {
    NameMap map = *this;
    map.ignored_.insert(map.ignored_.end(), theirs.begin(), theirs.end());
    return map;
  }

  /// And tensors that a file may hold besides, with the numbers of a parameter once more. They must be equal
  /// to the tensor of which the parameter is loaded: a model that has one array for both would be another.
  NameMap repeating(std::initializer_list<NameRule> rules) const {
    NameMap map = *this;
    for (const NameRule& rule : rules) {
      check(rule);
      map.repeats_.push_back(rule);
    }
    return map;
  }

  NameMap& operator+=(const NameMap& more) {
    const auto append = [](auto& list, const auto& others) {
      list.insert(list.end(), others.begin(), others.end());
    };
    append(rules_, more.rules_);
    append(repeats_, more.repeats_);
    append(ignored_, more.ignored_);
    return *this;
  }
  friend NameMap operator+(NameMap left, const NameMap& right) { return left += right; }

  /// A name in the file, and the layout there.
  struct Place {
    std::string name;
    Layout layout;
  };

  /// Where the parameter of that name is, in a file of which `contains(name)` says whether it holds a tensor.
  template <class Contains>
  Place find(std::string_view ours, const Contains& contains) const {
    for (const NameRule& rule : rules_) {
      const auto numbers = match(rule.ours, ours);
      if (!numbers) continue;
      std::string theirs = fill(rule.theirs, *numbers);
      for (auto other = rule.others.begin(); !contains(theirs); ++other) {
        if (other == rule.others.end()) return {fill(rule.theirs, *numbers), rule.layout};
        theirs = fill(*other, *numbers);
      }
      return {theirs, rule.layout};
    }
    return {std::string(ours), layout::same};
  }

  /// Where the parameter of that name is, in a file that has no other names for it.
  Place find(std::string_view ours) const {
    return find(ours, [](const std::string&) { return true; });
  }

  /// The names of tensors that may hold the numbers of that parameter once more.
  std::vector<std::string> repeats(std::string_view ours) const {
    std::vector<std::string> names;
    for (const NameRule& rule : repeats_) {
      const auto numbers = match(rule.ours, ours);
      if (!numbers) continue;
      names.push_back(fill(rule.theirs, *numbers));
      for (const std::string& other : rule.others) names.push_back(fill(other, *numbers));
    }
    return names;
  }

  /// Whether a tensor of a file is none of the model's.
  bool ignores(std::string_view theirs) const {
    return std::ranges::any_of(ignored_,
                               [&](const std::string& name) { return match(name, theirs).has_value(); });
  }

  const std::vector<NameRule>& rules() const { return rules_; }

 private:
  static NameRule under(NameRule rule, const std::string& ours, const std::string& theirs) {
    rule.ours = ours + rule.ours;
    rule.theirs = theirs + rule.theirs;
    for (std::string& other : rule.others) other = theirs + other;
    return rule;
  }

  static void check(const NameRule& rule) {
    std::vector<std::string> names = rule.others;
    names.insert(names.begin(), rule.theirs);
    for (const std::string& theirs : names) {
      if (std::ranges::count(rule.ours, '*') == std::ranges::count(theirs, '*')) continue;
      throw std::invalid_argument("NameMap: expected as many * in " + in_quotes(theirs) + " as in " +
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
  std::vector<NameRule> repeats_;
  std::vector<std::string> ignored_;
};

}  // namespace ctgrad::io
