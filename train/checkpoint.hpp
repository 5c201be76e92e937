#pragma once

#include <ctgrad/base/number_text.hpp>
#include <ctgrad/io/parameters.hpp>
#include <ctgrad/train/run_view.hpp>

#include <cmath>

/// Training runs on disk: all that a run goes on from, in one safetensors file. It holds
///
///     parameters/NAME              every parameter
///     optimizer/BUFFER/NAME        what the optimiser remembers of it
///     optimizer/steps, optimizer/learning_rate, run/step, run/seed, run/position
///
/// and, as metadata, which optimiser that is, and the run's notes.
namespace ctgrad {

namespace checkpoint_file {

/// What stands before the names of a buffer that an optimiser remembers.
inline std::string prefix(const char* buffer) { return std::string("optimizer/") + buffer + "/"; }

/// The notes, with what says that the file is a checkpoint, and with which optimiser.
inline io::Metadata metadata(const std::string& optimizer, const io::Metadata& notes) {
  io::Metadata metadata = notes;
  for (const auto& [name, text] : notes) {
    if (!name.starts_with("ctgrad.")) continue;
    throw std::invalid_argument("checkpoint: notes: expected names that do not begin with 'ctgrad.', got " +
                                io::in_quotes(name));
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
                                 found == notes.end() ? "none" : io::in_quotes(found->second));
    }
    notes.erase(found);
  };
  take("ctgrad.checkpoint", "1");
  take("ctgrad.optimizer", optimizer);
  return notes;
}

/// Steps that an optimiser may have taken: as many as a double counts.
inline constexpr std::uint64_t most_steps = std::uint64_t{1} << 53;

/// Throws std::invalid_argument, naming the first number of a run that no sound run has, so that it does not
/// take the place of a checkpoint of sound ones.
template <std::floating_point Scalar>
void require_sound(const RunView<const Scalar>& view) {
  const auto require = [&](std::span<const Scalar> numbers, io::Values values, const std::string& before) {
    for (const FlatEntry& entry : view.entries) {
      const auto array = numbers.subspan(entry.offset, static_cast<std::size_t>(entry.shape.size()));
      const std::size_t other = io::first_other(array, values);
      if (other == array.size()) continue;
      throw std::invalid_argument("checkpoint: '" + before + entry.name + "': expected " +
                                  io::described(values) + ", got " + text::shortest(array[other]));
    }
  };
  require(view.parameters, io::Values::finite, "parameters/");
  for (const StateBuffer<const Scalar>& buffer : view.buffers) {
    require(buffer.numbers, buffer.values, prefix(buffer.name));
  }
}

}  // namespace checkpoint_file

/// Writes a checkpoint to a file whose lock the run holds, so that no second run writes the same one.
/// Whenever the process is killed, a whole file is there, the older one or the newer. The optimiser's
/// options, but for the learning rate, are not in it. Throws std::invalid_argument for a note of a reserved
/// name and for numbers that load_checkpoint would refuse, and what write_safetensors throws: io::WriteError
/// if the file cannot be written, after which a run can go on.
template <std::floating_point Scalar>
void save_checkpoint(io::FileLock& file, const RunView<const Scalar>& view, const RunState& run) {
  checkpoint_file::require_sound(view);
  auto tensors = io::named_tensors(view.entries, view.parameters, "parameters/");
  for (const StateBuffer<const Scalar>& buffer : view.buffers) {
    std::ranges::move(io::named_tensors(view.entries, buffer.numbers, checkpoint_file::prefix(buffer.name)),
                      std::back_inserter(tensors));
  }
  tensors.push_back(io::named_scalar("optimizer/steps", view.state.steps));
  tensors.push_back(io::named_scalar("optimizer/learning_rate", view.state.learning_rate));
  tensors.push_back(io::named_scalar("run/step", run.step));
  tensors.push_back(io::named_scalar("run/seed", run.seed));
  tensors.push_back(io::named_scalar("run/position", run.position));
  io::write_safetensors(file, std::move(tensors), checkpoint_file::metadata(view.optimizer, run.notes));
}

/// The same of parameters and an optimiser. Throws std::invalid_argument too, if these differ in their size.
template <class Model, class Scalar, StatefulOptimizer O>
void save_checkpoint(io::FileLock& file, const Parameters<Model, Scalar>& parameters, const O& optimizer,
                     const RunState& run) {
  save_checkpoint(file, view_of(parameters, optimizer), run);
}

/// The same by the file's name. Throws io::WriteError too if somebody else holds its lock.
template <class Model, class Scalar, StatefulOptimizer O>
void save_checkpoint(const std::filesystem::path& path, const Parameters<Model, Scalar>& parameters,
                     const O& optimizer, const RunState& run) {
  io::FileLock file(path);
  save_checkpoint(file, parameters, optimizer, run);
}

/// Brings the numbers of a view to where they were, and its optimiser's state, which is then still to be told
/// to the optimiser; says where the run was. Throws SafetensorsError if the file is no checkpoint, one with
/// another optimiser or one with steps or a learning rate that cannot be, and io::TensorMismatch, listing
/// every difference, if it is of another model or number type or holds numbers that no sound run has:
/// parameters and means that are not finite, mean squares below 0. Nothing has changed then.
template <std::floating_point Scalar>
RunState load_checkpoint(const io::Safetensors& file, RunView<Scalar>& view) {
  RunState run{.notes = checkpoint_file::notes(file, view.optimizer)};
  io::TensorLoad<Scalar> load(file, io::Conversion::none);
  load.want(view.entries, view.parameters, "parameters/", {}, io::Values::finite);
  for (const StateBuffer<Scalar>& buffer : view.buffers) {
    load.want(view.entries, buffer.numbers, checkpoint_file::prefix(buffer.name), {}, buffer.values);
  }
  const OptimizerState state{load.template want_scalar<std::uint64_t>("optimizer/steps"),
                             load.template want_scalar<double>("optimizer/learning_rate")};
  run.step = load.template want_scalar<std::uint64_t>("run/step");
  run.seed = load.template want_scalar<std::uint64_t>("run/seed");
  run.position = load.template want_scalar<std::uint64_t>("run/position");
  load.refuse_others();
  load.require_all();
  if (!(state.learning_rate >= 0) || !finite_as<Scalar>(state.learning_rate)) {
    throw io::SafetensorsError(file.file(), "tensor 'optimizer/learning_rate'",
                               "a finite number of at least 0", shortest(state.learning_rate));
  }
  if (state.steps > checkpoint_file::most_steps) {
    throw io::SafetensorsError(file.file(), "tensor 'optimizer/steps'",
                               "at most " + std::to_string(checkpoint_file::most_steps),
                               std::to_string(state.steps));
  }
  load.finish();
  view.state = state;
  return run;
}

/// The same of parameters and an optimiser. Throws std::invalid_argument too, if these differ in their size.
template <class Model, class Scalar, StatefulOptimizer O>
RunState load_checkpoint(const io::Safetensors& file, Parameters<Model, Scalar>& parameters, O& optimizer) {
  RunView<Scalar> view = view_of(parameters, optimizer);
  RunState run = load_checkpoint(file, view);
  restore(optimizer, view.state);
  return run;
}

/// The same from the file at `path`. Throws SafetensorsError too, as read_safetensors does.
template <class Model, class Scalar, StatefulOptimizer O>
RunState load_checkpoint(const std::filesystem::path& path, Parameters<Model, Scalar>& parameters,
                         O& optimizer) {
  return load_checkpoint(io::read_safetensors(path), parameters, optimizer);
}

}  // namespace ctgrad
