#include "run_files.hpp"

#include <ctgrad/io/quoted.hpp>
#include <ctgrad/train/checkpoint.hpp>

#include "file_options.hpp"

#include <stdexcept>

using ctgrad::io::shown;

void RunFileOptions::add_to(CommandLine& line) {
  line.add("--load", load, "safetensors file of parameters to start from")
      .add("--save", save, "safetensors file for the parameters at the end")
      .add("--resume", resume, "checkpoint of a run to go on with")
      .add("--checkpoint", checkpoint, "file for checkpoints, each in the place of the one before")
      .add_count("--checkpoint-every", checkpoint_every, "steps between two checkpoints")
      .add("--report", report, "an HTML file for curves, samples, attention and graphs")
      .needs("--checkpoint-every", "--checkpoint");
}

RunFiles::RunFiles(RunFileOptions options, std::uint64_t seed, ctgrad::io::Metadata settings,
                   ctgrad::Ranks ranks)
    : options_(std::move(options)), seed_(seed), settings_(std::move(settings)), ranks_(std::move(ranks)) {
  ranks_.together([this] {
    if (ranks_.is_first()) check();
  });
}

void RunFiles::check() {
  if (!options_.load.empty() && !options_.resume.empty()) {
    throw std::invalid_argument("--load: expected no file beside --resume, got " + shown(options_.load));
  }
  const FileOption save{"--save", options_.save}, checkpoint{"--checkpoint", options_.checkpoint},
      report{"--report", options_.report};
  require_different({save, checkpoint, report});
  require_different({{"--load", options_.load}, report});
  require_different({{"--resume", options_.resume}, report});
  require_different({{"--load", options_.load}, checkpoint});
  require_different({{"--resume", options_.resume}, save});
  for (const FileOption& read : {FileOption{"--load", options_.load}, {"--resume", options_.resume}}) {
    require_not_beside(read, save);
    require_not_beside(read, checkpoint);
  }
  require_writable({save, report});
  if (!options_.checkpoint.empty()) checkpoint_.emplace(options_.checkpoint);
}

ctgrad::RunState RunFiles::read(ctgrad::RunView<float>& view, std::uint64_t steps) const {
  if (!options_.load.empty()) {
    ctgrad::io::load_tensors(ctgrad::io::read_safetensors(options_.load), view.entries, view.parameters);
  }
  if (options_.resume.empty()) return {};
  ctgrad::RunState run = ctgrad::load_checkpoint(ctgrad::io::read_safetensors(options_.resume), view);
  require_same("--seed", std::to_string(run.seed), std::to_string(seed_));
  for (const auto& [option, value] : settings_) {
    const auto found = run.notes.find(option);
    require_same(option, found == run.notes.end() ? "none" : found->second, value);
  }
  if (run.step > steps) refuse("--steps", "at least " + std::to_string(run.step), std::to_string(steps));
  return run;
}

void RunFiles::write_checkpoint(const ctgrad::RunView<const float>& view) {
  const std::uint64_t steps = view.state.steps;
  if (!checkpoint_ || written_ == steps) return;
  ctgrad::save_checkpoint(*checkpoint_, view,
                          {.step = steps, .seed = seed_, .position = steps, .notes = settings_});
  written_ = steps;
}

void RunFiles::write_parameters(const ctgrad::RunView<const float>& view) const {
  if (options_.save.empty()) return;
  ctgrad::io::write_safetensors(options_.save, ctgrad::io::named_tensors(view.entries, view.parameters),
                                settings_);
}

std::string RunFiles::stopped(const char* signal, std::size_t step, std::size_t steps) const {
  std::string words = stopped_at(step, steps, signal);
  if (!options_.save.empty()) words += "; " + shown(options_.save) + " has the parameters so far";
  words += options_.checkpoint.empty() ? "; no --checkpoint was asked for, to go on from"
                                       : "; --resume " + shown(options_.checkpoint) + " continues";
  return words;
}

void RunFiles::write_at_end(const ctgrad::RunView<const float>& view) {
  try {
    write_checkpoint(view);
  } catch (const ctgrad::io::WriteError&) {
    write_parameters(view);
    throw;
  }
  write_parameters(view);
}

void RunFiles::require_same(const std::string& option, const std::string& expected,
                            const std::string& got) const {
  if (got != expected) refuse(option, expected, got);
}

void RunFiles::refuse(const std::string& option, const std::string& expected, const std::string& got) const {
  throw std::invalid_argument(option + ": expected " + shown(expected) + ", as " + shown(options_.resume) +
                              " says, got " + shown(got));
}
