#pragma once

#include <ctgrad/io/npz_writer.hpp>
#include <ctgrad/onnx/save.hpp>

#include <support/run_machine.hpp>

#include <cstdio>
#include <fstream>

/// Programs for ONNX Runtime, each with inputs and with what ctgrad computes of them.
namespace ctgrad::test {

/// What a program is among those that are compared.
enum class Sort : std::uint8_t { operation, model, training };

/// A folder of programs: NAME.onnx and NAME.npz, "in NAME" and "out NAME" for every input and output, and
/// manifest.json, which lists them all, those that could not be written too.
class ExportedFolder {
 public:
  explicit ExportedFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// `of` is the operation that a program is of, or the model.
  void add(Sort sort, const std::string& of, const std::string& name, const onnx::Model& model,
           const std::vector<Type>& input_types, const std::vector<std::string>& input_names,
           const std::vector<Numbers>& inputs, const std::vector<Numbers>& outputs) {
    std::vector<std::vector<std::byte>> memory;
    std::vector<io::NamedTensor> arrays;
    memory.reserve(inputs.size() + outputs.size());
    const auto keep = [&](const std::string& named, const Numbers& numbers, Kind kind) {
      memory.push_back(to_bytes<float>(numbers, kind));
      const auto bytes =
          std::span(memory.back())
              .first(numbers.size() * static_cast<std::size_t>(element_bytes(kind, Size{sizeof(float)})));
      const io::Dtype dtype = kind == Kind::real    ? io::Dtype::f32
                              : kind == Kind::index ? io::Dtype::i32
                                                    : io::Dtype::boolean;
      arrays.push_back({named, dtype, {numbers.shape().begin(), numbers.shape().end()}, bytes});
    };
    for (std::size_t i = 0; i < inputs.size(); ++i)
      keep("in " + input_names[i], inputs[i], input_types[i].kind);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const onnx::Port& port = model.outputs[i];
      const Kind kind = port.element == onnx::Element::real    ? Kind::real
                        : port.element == onnx::Element::index ? Kind::index
                                                               : Kind::mask;
      keep("out " + port.name, outputs[i], kind);
    }
    onnx::save(folder_ / (name + ".onnx"), model);
    io::write_npz(folder_ / (name + ".npz"), arrays);
    note(sort, of, name, "");
  }

  /// A program that could not be written.
  void note_failure(Sort sort, const std::string& of, const std::string& name, const std::string& why) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), why.c_str());
    note(sort, of, name, why);
  }

  void write_manifest(const std::vector<std::string>& operations) const {
    std::ofstream out(folder_ / "manifest.json");
    out << nlohmann::json{{"programs", programs_}, {"operations", operations}}.dump(1) << '\n';
    if (!out.flush()) throw std::runtime_error("manifest.json cannot be written");
  }

 private:
  void note(Sort sort, const std::string& of, const std::string& name, const std::string& failure) {
    const char* sorts[] = {"operation", "model", "training"};
    programs_.push_back(
        {{"sort", sorts[static_cast<std::size_t>(sort)]}, {"of", of}, {"name", name}, {"failure", failure}});
  }

  std::filesystem::path folder_;
  nlohmann::json programs_ = nlohmann::json::array();
};

/// Whole models and their training steps, by the programs that ctgrad compiles.
void export_encoder(ExportedFolder& folder);
void export_language_model(ExportedFolder& folder);
void export_encoder_decoder(ExportedFolder& folder);

}  // namespace ctgrad::test
