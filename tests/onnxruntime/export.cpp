#include "operations.hpp"

#include <support/catch.hpp>

#include <cstdlib>

/// Writes programs for ONNX Runtime into the folder that CTGRAD_ONNX_FOLDER names: every operation on each of
/// its samples with its derivatives, models, and training steps. run.sh has them checked and run.
namespace {

using namespace ctgrad;

void export_operations(test::ExportedFolder& folder) {
  for (const test::Record& record : test::all_operations()) {
    const Operation& op = *record.operation;
    Random random = test::random_for(op);
    int number = 0;
    for (const Sample& sample : record.samples().accepted) {
      const std::string of(op.name), name = of + "_" + std::to_string(number++);
      try {
        const test::SampleProgram program(op, sample);
        const std::vector<test::Numbers> inputs = program.draw(random, op, sample);
        folder.add(test::Sort::operation, of, name, program.model(name), program.types,
                   program.boundary.inputs, inputs, test::interpret(program.graph, inputs));
      } catch (const std::exception& error) {
        folder.note_failure(test::Sort::operation, of, name, error.what());
      }
    }
  }
}

}  // namespace

TEST_CASE("programs are written as ONNX files") {
  const char* path = std::getenv("CTGRAD_ONNX_FOLDER");
  REQUIRE(path != nullptr);
  test::ExportedFolder folder(path);
  export_operations(folder);
  test::export_encoder(folder);
  test::export_language_model(folder);
  test::export_encoder_decoder(folder);
  std::vector<std::string> operations;
  for (const test::Record& record : test::all_operations()) operations.emplace_back(record.operation->name);
  folder.write_manifest(operations);
}
