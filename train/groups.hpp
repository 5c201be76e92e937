#pragma once

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/runtime/layout.hpp>
#include <ctgrad/train/require.hpp>

#include <algorithm>
#include <concepts>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Parameters that an optimiser treats in ways of their own: rates, decay, frozen ones.
namespace ctgrad {

/// Some of a model's parameters, by the beginning of their names or by what a function says of each.
class ParameterChoice {
 public:
  /// The parameter of that name and all below it: "layers.1" is "layers.1.weight", but not
  /// "layers.10.weight". An empty name is all.
  ParameterChoice(const std::string& name)
      : chooses_([name](const FlatEntry& entry) { return is_or_is_below(entry.name, name); }),
        words_("a parameter " + io::in_quotes(name) + ", or some below it") {}
  ParameterChoice(const char* name) : ParameterChoice(std::string(name)) {}

  /// Those for whose entry (its name and shape) the function gives true.
  template <std::predicate<const FlatEntry&> Chooses>
  ParameterChoice(Chooses chooses)
      : chooses_(std::move(chooses)), words_("a parameter that its function chooses") {}

  bool operator()(const FlatEntry& entry) const { return chooses_(entry); }

  /// What an error says that it chooses.
  const std::string& words() const { return words_; }

 private:
  static bool is_or_is_below(std::string_view full, std::string_view name) {
    if (!full.starts_with(name)) return false;
    return name.empty() || name.back() == '.' || full.size() == name.size() || full[name.size()] == '.';
  }

  std::function<bool(const FlatEntry&)> chooses_;
  std::string words_;
};

/// How an optimiser treats some of the parameters.
struct ParameterGroup {
  ParameterChoice parameters;
  double rate_factor = 1;  ///< times the learning rate, also where a schedule sets it; finite, at least 0
  std::optional<double> weight_decay = {};  ///< of all of them, biases too, in place of AdamW's; at least 0
  bool frozen = false;                      ///< neither they nor what the optimiser remembers of them change
};

/// Neighbouring numbers of a flat buffer that an optimiser treats alike: from the end of the range before.
struct UpdateRange {
  std::size_t end = 0;
  double rate_factor = 1;
  double weight_decay = 0;
  bool frozen = false;
};

/// Adds a range behind the others, joined to the last one where both are treated alike.
inline void append(std::vector<UpdateRange>& ranges, const UpdateRange& next) {
  const auto alike = [&](const UpdateRange& last) {
    return last.rate_factor == next.rate_factor && last.weight_decay == next.weight_decay &&
           last.frozen == next.frozen;
  };
  if (!ranges.empty() && alike(ranges.back())) {
    ranges.back().end = next.end;
  } else {
    ranges.push_back(next);
  }
}

/// Throws std::invalid_argument as `owner`'s, "AdamW: groups[1]: weight_decay", unless the condition holds.
inline void require_group(bool holds, const char* owner, std::size_t group, const std::string& what,
                          const std::string& expected, const std::string& got) {
  if (holds) return;
  throw std::invalid_argument(std::string(owner) + ": groups[" + std::to_string(group) + "]" + what +
                              ": expected " + expected + ", got " + got);
}

/// visit(begin, range) for every range that is not frozen.
template <class Visit>
void for_each_moving(const std::vector<UpdateRange>& ranges, const Visit& visit) {
  std::size_t begin = 0;
  for (const UpdateRange& range : ranges) {
    if (!range.frozen) visit(begin, range);
    begin = range.end;
  }
}

/// Throws as require_group does for numbers out of range, and for a decay where the owner has none.
template <std::floating_point Scalar>
void require_group_numbers(const char* owner, const ParameterGroup& group, std::size_t number,
                           bool has_decay) {
  const auto require_number = [&](bool is_finite, const char* what, double got) {
    require_group(got >= 0 && is_finite, owner, number, what, "a finite number of at least 0",
                  shortest_as<Scalar>(got));
  };
  require_number(is_finite(group.rate_factor), ": rate_factor", group.rate_factor);
  if (!group.weight_decay) return;
  require_group(has_decay, owner, number, ": weight_decay",
                std::string("none, as ") + owner + " has no decay (AdamW has)",
                shortest(*group.weight_decay));
  require_number(finite_as<Scalar>(*group.weight_decay), ": weight_decay", *group.weight_decay);
}

/// Which group an entry is of; as many as there are groups for none. Throws as require_group does where it is
/// of two.
inline std::size_t group_of(const char* owner, const FlatEntry& entry,
                            const std::vector<ParameterGroup>& groups) {
  std::size_t found = groups.size();
  for (std::size_t group = 0; group < groups.size(); ++group) {
    if (!groups[group].parameters(entry)) continue;
    require_group(found == groups.size(), owner, group, "", "parameters of no other group",
                  io::in_quotes(entry.name) + ", which is of groups[" + std::to_string(found) + "]");
    found = group;
  }
  return found;
}

/// The ranges of a flat buffer of `size` numbers, by groups; what is of none is treated as `others` say.
/// Throws as require_group does.
inline std::vector<UpdateRange> grouped_ranges(const char* owner, const std::vector<FlatEntry>& entries,
                                               std::size_t size, const std::vector<ParameterGroup>& groups,
                                               const std::vector<UpdateRange>& others) {
  std::vector<UpdateRange> ranges;
  std::vector<bool> chosen(groups.size(), false);
  std::size_t other = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    while (others[other].end <= entries[i].offset && other + 1 < others.size()) ++other;
    UpdateRange range = others[other];
    range.end = i + 1 < entries.size() ? entries[i + 1].offset : size;
    const std::size_t group = group_of(owner, entries[i], groups);
    if (group < groups.size()) {
      chosen[group] = true;
      range.rate_factor = groups[group].rate_factor;
      range.weight_decay = groups[group].weight_decay.value_or(range.weight_decay);
      range.frozen = groups[group].frozen;
    }
    append(ranges, range);
  }
  for (std::size_t group = 0; group < groups.size(); ++group)
    require_group(chosen[group], owner, group, "", groups[group].parameters.words(),
                  "only " + runtime::names_in(entries));
  return ranges;
}

}  // namespace ctgrad
