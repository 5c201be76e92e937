#pragma once

#include <ctgrad/io/replace_file.hpp>
#include <ctgrad/onnx/translation.hpp>
#include <ctgrad/runtime/input_names.hpp>
#include <ctgrad/runtime/parameters.hpp>
#include <ctgrad/runtime/program.hpp>

/// Programs as ONNX files.
namespace ctgrad::onnx {

struct Options {
  std::string name = "ctgrad";  ///< of the graph
  /// What the arguments are called, in order; of one that is a tree, what stands in front of its arrays'
  /// paths. Without, a model's arrays are called by their paths, other arguments "argument_2".
  std::vector<std::string> arguments{};
  /// What all arrays of the result are called, in order. Without, by their paths: "value",
  /// "gradients.head.weight"; a result that is one array is "result".
  std::vector<std::string> results{};
  std::span<const Rule> rules{};  ///< for operations that say none, or in place of what they say
};

namespace naming {

inline std::string joined(const std::string& name, const std::string& path) {
  return name.empty() || path.empty() ? name + path : name + "." + path;
}

/// Names of all inputs, in the order of the graph.
template <class... Arguments>
std::vector<std::string> input_names(const std::vector<std::string>& given) {
  if (!given.empty() && given.size() != sizeof...(Arguments)) {
    throw std::invalid_argument("onnx: arguments: expected " + std::to_string(sizeof...(Arguments)) +
                                " names, got " + std::to_string(given.size()));
  }
  std::vector<std::string> names;
  std::size_t argument = 0;
  const auto add = [&]<class T>(std::type_identity<T>) {
    std::string name = StructTree<T> ? "" : "argument_" + std::to_string(argument + 1);
    if (!given.empty()) name = given[argument];
    ++argument;
    T tree{};
    for_each_leaf(
        tree, [&](const auto&, const std::string& path) { names.push_back(joined(name, path)); }, "");
  };
  (add(std::type_identity<Arguments>{}), ...);
  return names;
}

template <class Result>
std::vector<std::string> output_names(const std::vector<std::string>& given) {
  std::vector<std::string> names;
  Result tree{};
  for_each_leaf(
      tree, [&](const auto&, const std::string& path) { names.push_back(path.empty() ? "result" : path); },
      "");
  if (given.empty()) return names;
  if (given.size() != names.size()) {
    throw std::invalid_argument("onnx: results: expected " + std::to_string(names.size()) + " names, got " +
                                std::to_string(given.size()));
  }
  return given;
}

/// The numbers of a model, the first argument, under the names that its inputs have.
template <class T>
std::vector<Tensor> parameters(const std::vector<std::string>& inputs, std::span<const float> flat,
                               const std::vector<FlatEntry>& entries) {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto numbers = flat.subspan(entries[i].offset, static_cast<std::size_t>(entries[i].shape.size()));
    const auto bytes = std::as_bytes(numbers);
    tensors.push_back({inputs[i], Element::real, extents_of(entries[i].shape),
                       std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
  }
  return tensors;
}

}  // namespace naming

/// Say whether a program can be written, and with these parameters: the conditions of static_asserts.
template <class Scalar>
struct program_in {
  static constexpr bool float_as_files_hold_it = std::is_same_v<Scalar, float>;
};
template <class Model, class First>
struct parameters_of {
  static constexpr bool the_first_argument = std::is_same_v<Model, First>;
};

/// What is asked of a program's type alone: the program itself is not compiled.
template <class P>
struct Exported;
template <class Scalar, auto Function, class... Arguments>
struct Exported<BasicProgram<Scalar, Function, Arguments...>> {
  static_assert(program_in<Scalar>::float_as_files_hold_it,
                "onnx: reals are float in a file: save the Program of the function, not its DoubleProgram");
  using First = std::tuple_element_t<0, std::tuple<Arguments..., void>>;
  using Trace = runtime::Trace<Function, Arguments...>;

  static Boundary named(const Options& options) {
    return {naming::input_names<Arguments...>(options.arguments),
            naming::output_names<std::remove_cv_t<typename Trace::Result>>(options.results),
            {}};
  }
  template <class... None>
  static Model model(const Boundary& boundary, const Options& options) {
    std::vector<Rule> own(options.rules.begin(), options.rules.end());
    own.insert(own.end(), rules_of_extension<None...>.begin(), rules_of_extension<None...>.end());
    return model_of(Trace::traced(), boundary, options.name, own);
  }
};

/// The model of a program's function: `model_of<Program<f, Model, Ids>>()`. All arguments are inputs,
/// parameters too, so that a training step takes the numbers that change. Reals are float, ids integers of 32
/// bits, masks truth values. Throws std::invalid_argument, naming the operation or the name at fault, where
/// an operation has no counterpart or names are not each their own.
template <class P>
Model model_of(const Options& options = {}) {
  return Exported<P>::model(Exported<P>::named(options), options);
}

/// The same with the numbers of the first argument, a model, in the file.
template <class P, class T>
Model model_of(const runtime::FlatArrays<T, float>& parameters, const Options& options = {}) {
  static_assert(parameters_of<T, typename Exported<P>::First>::the_first_argument,
                "onnx: the parameters are of another model than the program's first argument");
  Boundary boundary = Exported<P>::named(options);
  boundary.parameters = naming::parameters<T>(boundary.inputs, parameters.flat(), parameters.entries());
  return Exported<P>::model(boundary, options);
}

/// Writes a model, in the place of the file that is there; after a failure that one is as it was. Throws
/// std::length_error for 2 GiB or more, and WriteError, naming file and cause, as replace_file does.
inline void save(const std::filesystem::path& path, const Model& model) {
  const std::string bytes = encode(model);
  const std::span<const std::byte> pieces[] = {std::as_bytes(std::span(bytes))};
  io::replace_file(path, pieces);
}

/// Writes the function of a program, whose arguments are all inputs: `save<Program<f, Model,
/// Ids>>("f.onnx")`. The program is named by its type and is not compiled for it. Throws as model_of and as
/// saving a model does.
template <class P>
void save(const std::filesystem::path& path, const Options& options = {}) {
  save(path, model_of<P>(options));
}

/// The same with the numbers of the first argument, a model, in the file.
template <class P, class T>
void save(const std::filesystem::path& path, const runtime::FlatArrays<T, float>& parameters,
          const Options& options = {}) {
  save(path, model_of<P>(parameters, options));
}

}  // namespace ctgrad::onnx
