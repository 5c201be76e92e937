#pragma once

#include <stdexcept>
#include <string>

/// What options of the benchmarks must be.
namespace bench {

/// Says that no configuration of these lists has a name, and names those that there are.
template <class... Lists>
std::invalid_argument unknown_configuration(const std::string& name, const Lists&... lists) {
  std::string names;
  const auto add = [&](const std::string& known) {
    if ((names + ",").find(" " + known + ",") == std::string::npos)
      names += (names.empty() ? " " : ", ") + known;
  };
  const auto add_all = [&](const auto& list) {
    for (const auto& configuration : list) add(std::string(configuration.name));
  };
  (add_all(lists), ...);
  return std::invalid_argument("no configuration is called '" + name + "', but:" + names);
}

/// Throws that unless one of the lists has the name; no name is none to look for.
template <class... Lists>
void require_configuration(const std::string& name, const Lists&... lists) {
  const auto is_in = [&](const auto& list) {
    for (const auto& configuration : list) {
      if (configuration.name == name) return true;
    }
    return false;
  };
  if (!name.empty() && !(is_in(lists) || ...)) throw unknown_configuration(name, lists...);
}

}  // namespace bench
