#pragma once

#include <ctgrad/graph/tree.hpp>

#include <string>
#include <type_traits>
#include <vector>

namespace ctgrad {

/// The names of the arrays that a program takes, in the order of its graph's inputs: a model's by their
/// paths, others as "argument 2".
template <class... Arguments>
std::vector<std::string> input_names() {
  std::vector<std::string> names;
  int argument = 0;
  const auto add = [&]<class T>(std::type_identity<T>) {
    ++argument;
    T tree{};
    for_each_leaf(
        tree,
        [&](const auto&, const std::string& path) {
          names.push_back(StructTree<T>
                              ? path
                              : "argument " + std::to_string(argument) + (path.empty() ? "" : "." + path));
        },
        "");
  };
  (add(std::type_identity<Arguments>{}), ...);
  return names;
}

}  // namespace ctgrad
