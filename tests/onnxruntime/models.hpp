#pragma once

#include "exported.hpp"

#include <ctgrad/ctgrad.hpp>

#include <support/compute.hpp>

namespace ctgrad::test {

/// Numbers for a model's parameters, as its initialisers draw them: scales and shifts a little off 1 and 0.
template <class Model>
std::vector<Numbers> parameter_numbers(const Parameters<Model>& parameters) {
  std::vector<Numbers> numbers;
  for (const FlatEntry& entry : parameters.entries()) {
    Numbers array(extents(entry.shape));
    for (std::size_t i = 0; i < array.size(); ++i)
      array.data()[i] = static_cast<double>(parameters.flat()[entry.offset + i]);
    numbers.push_back(array);
  }
  return numbers;
}

template <class Model>
Parameters<Model> drawn_parameters(Random& random) {
  Parameters<Model> parameters{Seed{random.below(1000)}};
  for (float& number : parameters.flat()) number += static_cast<float>(random.below(200)) / 1000.0F - 0.1F;
  return parameters;
}

/// Integers from `least` on, `count` of them to choose from.
inline Numbers random_integers(Random& random, const Shape& shape, std::uint32_t count, double least = 0) {
  Numbers numbers(extents(shape));
  for (double& number : numbers) number = random.below(count) + least;
  return numbers;
}

/// Four words of any bits.
inline Numbers random_key_words(Random& random) {
  Numbers words(extents(shape_of(4)));
  for (double& word : words)
    word = static_cast<std::int32_t>(random.below(0xFFFF) << 16 | random.below(0xFFFF));
  return words;
}

/// A function of a model, with the parameters in the file or as inputs of it.
template <auto Function, class Model, class... Arguments>
void export_program(ExportedFolder& folder, Sort sort, const std::string& of, const std::string& name,
                    const Parameters<Model>& parameters, const std::vector<Numbers>& arguments,
                    bool parameters_in_file) {
  try {
    using P = Program<Function, Model, Arguments...>;
    std::vector<Numbers> inputs = parameter_numbers(parameters);
    inputs.insert(inputs.end(), arguments.begin(), arguments.end());
    std::vector<Type> types(parameters.entries().size(), Type{});
    (types.push_back(Arguments::type), ...);
    const std::vector<std::string> names = onnx::naming::input_names<Model, Arguments...>({});
    const onnx::Model model = parameters_in_file ? onnx::model_of<P>(parameters) : onnx::model_of<P>();
    folder.add(sort, of, name, model, types, names, inputs,
               compute<float, Function, Model, Arguments...>(inputs));
  } catch (const std::exception& error) {
    folder.note_failure(sort, of, name, error.what());
  }
}

}  // namespace ctgrad::test
