#pragma once

#include <ctgrad/base/byte_hash.hpp>
#include <ctgrad/runtime/ranks.hpp>
#include <ctgrad/train/groups.hpp>
#include <ctgrad/train/require.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What ranks that take a step together have alike.
namespace ctgrad {

/// An option that steps go by.
struct StepOption {
  const char* name;  ///< "beta1"
  double value;
};

/// What a step goes by, but for gradients, which are a rank's own.
struct StepFacts {
  const char* optimizer;
  std::uint64_t steps;
  std::span<const StepOption> options;
  std::span<const UpdateRange> ranges;
  std::optional<double> loss;
  bool is_first;  ///< of those that these ranks take together
  std::span<const std::byte> parameters;

  /// A number that depends on all of them; on parameters at the first step alone, which they follow from
  /// later.
  [[gnu::noinline]] std::uint64_t digest() const {
    ByteHash hash;
    hash.add(steps);
    hash.add(is_first);
    hash.add(loss.value_or(0));
    for (const StepOption& option : options) hash.add(option.value);
    hash.add(hash_of_ranges());
    if (is_first) hash.add(parameters);
    return hash.value();
  }

  /// The same, each with its name.
  [[gnu::noinline, gnu::cold]] std::vector<EqualPart> parts() const {
    const std::string name = optimizer;
    ByteHash hash;
    hash.add(parameters);
    std::vector<EqualPart> list{{name + ": steps", std::to_string(steps)},
                                {name + ": steps with these ranks", is_first ? "none" : "some"}};
    for (const StepOption& option : options)
      list.push_back({name + ": " + option.name, shortest(option.value)});
    list.push_back({name + ": groups and decay, by a hash", std::to_string(hash_of_ranges())});
    list.push_back({name + ": parameters, by a hash", hash.text()});
    list.push_back({name + ": loss", loss ? shortest(*loss) : "none"});
    return list;
  }

 private:
  std::uint64_t hash_of_ranges() const {
    ByteHash hash;
    for (const UpdateRange& range : ranges) {
      hash.add(range.end);
      hash.add(range.rate_factor);
      hash.add(range.weight_decay);
      hash.add(range.frozen);
    }
    return hash.value();
  }
};

}  // namespace ctgrad
