#pragma once

#include <ctgrad/io/parameters.hpp>
#include <ctgrad/train/require.hpp>

/// Training runs on disk: all that a run goes on from, in one safetensors file.
namespace ctgrad {

/// What a run is at, beside its parameters and its optimiser.
struct RunState {
  std::uint64_t step = 0;      ///< steps done
  std::uint64_t seed = 0;      ///< of the generator of its data
  std::uint64_t position = 0;  ///< how much that generator has given
  io::Metadata notes{};        ///< anything else, under names that do not begin with "ctgrad."
};

/// An optimiser that says what it remembers, and can be told it: see Optimizer.
template <class O>
concept StatefulOptimizer = requires(O& optimizer, const O& unchanged) {
  optimizer.state();
  unchanged.state();
  { unchanged.name() } -> std::convertible_to<std::string>;
  { unchanged.size() } -> std::convertible_to<std::size_t>;
  { unchanged.steps() } -> std::convertible_to<std::uint64_t>;
  { unchanged.learning_rate() } -> std::convertible_to<double>;
  optimizer.restore_steps(std::uint64_t{});
  optimizer.set_learning_rate(double{});
};

namespace checkpoint_file {

/// What stands before the names of a buffer that an optimiser remembers.
inline std::string prefix(const char* buffer) { return std::string("optimizer/") + buffer + "/"; }

/// The notes, with what says that the file is a checkpoint, and with which optimiser.
inline io::Metadata metadata(const std::string& optimizer, const io::Metadata& notes) {
  io::Metadata metadata = notes;
  for (const auto& [name, text] : notes) {
    if (!name.starts_with("ctgrad.")) continue;
    throw std::invalid_argument("checkpoint: notes: expected names that do not begin with 'ctgrad.', got '" +
                                name + "'");
  }
  metadata["ctgrad.checkpoint"] = "1";
  metadata["ctgrad.optimizer"] = optimizer;
  return metadata;
}

/// The notes of a file. Throws SafetensorsError unless it is a checkpoint with that optimiser.
inline io::Metadata notes(const io::Safetensors& file, const std::string& optimizer) {
  io::Metadata notes = file.metadata();
  const auto take = [&](const std::string& name, const std::string& expected) {
    const auto found = notes.find(name);
    if (found == notes.end() || found->second != expected) {
      throw io::SafetensorsError(file.file(), "__metadata__: " + name, "'" + expected + "'",
                                 found == notes.end() ? "none" : "'" + found->second + "'");
    }
    notes.erase(found);
  };
  take("ctgrad.checkpoint", "1");
  take("ctgrad.optimizer", optimizer);
  return notes;
}

/// Throws std::invalid_argument unless an optimiser is one of so many numbers.
inline void require_size(std::size_t optimizer, std::size_t parameters) {
  if (optimizer == parameters) return;
  throw std::invalid_argument("checkpoint: optimizer: expected " + std::to_string(parameters) +
                              " numbers, got " + std::to_string(optimizer));
}

}  // namespace checkpoint_file

/// Writes a checkpoint to `path`. Whenever the process is killed, a whole file is there, the older one or the
/// newer. The optimiser's options, but for the learning rate, are not in it. Throws std::invalid_argument for
/// a note of a reserved name and for an optimiser of another size than the parameters, and what
/// write_safetensors throws.
template <class Model, class Scalar, StatefulOptimizer O>
void save_checkpoint(const std::filesystem::path& path, const Parameters<Model, Scalar>& parameters,
                     const O& optimizer, const RunState& run) {
  checkpoint_file::require_size(optimizer.size(), parameters.size());
  const auto& entries = parameters.entries();
  std::vector<io::NamedTensor> tensors = io::named_tensors(entries, parameters.flat(), "parameters/");
  for (const auto& buffer : optimizer.state()) {
    const std::span<const Scalar> numbers = buffer.numbers;
    std::ranges::move(io::named_tensors(entries, numbers, checkpoint_file::prefix(buffer.name)),
                      std::back_inserter(tensors));
  }
  const std::uint64_t steps = optimizer.steps();
  const double learning_rate = optimizer.learning_rate();
  tensors.push_back(io::named_scalar("optimizer/steps", steps));
  tensors.push_back(io::named_scalar("optimizer/learning_rate", learning_rate));
  tensors.push_back(io::named_scalar("run/step", run.step));
  tensors.push_back(io::named_scalar("run/seed", run.seed));
  tensors.push_back(io::named_scalar("run/position", run.position));
  io::write_safetensors(path, std::move(tensors), checkpoint_file::metadata(optimizer.name(), run.notes));
}

/// Brings parameters and optimiser to where they were; says where the run was. Throws SafetensorsError if the
/// file is no checkpoint or one with another optimiser, io::TensorMismatch, listing every difference, if it
/// is of another model or number type, and std::invalid_argument as save_checkpoint does or for a learning
/// rate that cannot be. Nothing has changed then.
template <class Model, class Scalar, StatefulOptimizer O>
RunState load_checkpoint(const io::Safetensors& file, Parameters<Model, Scalar>& parameters, O& optimizer) {
  checkpoint_file::require_size(optimizer.size(), parameters.size());
  RunState run{.notes = checkpoint_file::notes(file, optimizer.name())};
  io::TensorLoad<Scalar> load(file, io::Conversion::none);
  load.want(parameters.entries(), parameters.flat(), "parameters/");
  for (const auto& buffer : optimizer.state()) {
    load.want(parameters.entries(), buffer.numbers, checkpoint_file::prefix(buffer.name));
  }
  const auto steps = load.template want_scalar<std::uint64_t>("optimizer/steps");
  const auto learning_rate = load.template want_scalar<double>("optimizer/learning_rate");
  run.step = load.template want_scalar<std::uint64_t>("run/step");
  run.seed = load.template want_scalar<std::uint64_t>("run/seed");
  run.position = load.template want_scalar<std::uint64_t>("run/position");
  load.refuse_others();
  load.require_all();
  optimizer.set_learning_rate(learning_rate);
  optimizer.restore_steps(steps);
  load.finish();
  return run;
}

/// The same from the file at `path`. Throws SafetensorsError too, as read_safetensors does.
template <class Model, class Scalar, StatefulOptimizer O>
RunState load_checkpoint(const std::filesystem::path& path, Parameters<Model, Scalar>& parameters,
                         O& optimizer) {
  return load_checkpoint(io::read_safetensors(path), parameters, optimizer);
}

}  // namespace ctgrad
