#pragma once

#include <ctgrad/graph/tree.hpp>

#include <string>
#include <type_traits>
#include <vector>

namespace ctgrad {

namespace runtime {

/// Behind a call, since it is compiled for every leaf of every model.
[[gnu::noinline, gnu::cold]] inline void add_input_name(std::vector<std::string>& names, bool of_model,
                                                        int argument, const std::string& path) {
  if (of_model) {
    names.push_back(path);
  } else {
    names.push_back("argument " + std::to_string(argument) + (path.empty() ? "" : "." + path));
  }
}

}  // namespace runtime

/// The names of the arrays that a program takes, in the order of its graph's inputs: a model's by their
/// paths, others as "argument 2".
template <class... Arguments>
[[gnu::cold]] std::vector<std::string> input_names() {
  std::vector<std::string> names;
  int argument = 0;
  const auto add = [&]<class T>(std::type_identity<T>) {
    ++argument;
    T tree{};
    for_each_leaf(
        tree,
        [&](const auto&, const std::string& path) {
          runtime::add_input_name(names, StructTree<T>, argument, path);
        },
        "");
  };
  (add(std::type_identity<Arguments>{}), ...);
  return names;
}

}  // namespace ctgrad
