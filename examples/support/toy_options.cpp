#include "toy_options.hpp"

#include <ctgrad/train/require.hpp>

namespace toy_encoder {

void Options::add_to(CommandLine& line) {
  line.add("--task", task, "copy, reverse or sort")
      .add_count("--steps", steps, "training steps of 32 sequences; 0 only evaluates", 0)
      .add_count("--report-every", report_every, "steps between two lines of losses")
      .add("--seed", seed, "what parameters and data follow from")
      .add("--learning-rate", learning_rate,
           "Adam's largest step size, that of step 100; it rises until then, and falls afterwards",
           numbers::floats)
      .add("--within", within, "seconds that this run's training steps may take")
      .add_flag("--allow-unlearned", allow_unlearned, "succeed whatever was learned");
  files.add_to(line);
}

RunFiles Options::run_files(const ctgrad::Ranks& ranks) const {
  ctgrad::require_option(within > 0, "--within", "a number above 0", within);
  return RunFiles(files, seed, {{"--task", task}, {"--learning-rate", ctgrad::shortest(learning_rate)}},
                  ranks);
}

}  // namespace toy_encoder
