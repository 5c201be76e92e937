#include "model_files.hpp"

#include <ctgrad/io/quoted.hpp>

void ModelFileOptions::add_to(CommandLine& line) {
  line.add("--save", save, "a safetensors file for the model")
      .add("--load", load, "a model that was saved, in place of training one")
      .add("--report", report, "an HTML file for curves, samples, attention and graphs")
      .excludes("--steps", "--load")
      .excludes("--learning-rate", "--load");
}

void ModelFileOptions::check(std::initializer_list<FileOption> read) const {
  const FileOption saved{"--save", save}, reported{"--report", report};
  require_different({saved, reported});
  require_different({{"--load", load}, reported});
  require_not_beside({"--load", load}, saved);
  for (const FileOption& file : read) {
    require_different({file, saved});
    require_different({file, reported});
  }
  require_writable({saved, reported});
}

std::string ModelFileOptions::stopped(const char* signal, std::size_t step, std::size_t steps) const {
  return stopped_at(step, steps, signal) + (save.empty()
                                                ? "; no --save was asked for: nothing is kept"
                                                : "; " + ctgrad::io::shown(save) + " has the model so far");
}
