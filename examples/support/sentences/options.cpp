#include "options.hpp"

#include "../file_options.hpp"

#include <stdexcept>

namespace sentences {

void Options::add_to(CommandLine& line) {
  line.add("--model", model, "folder of the model: model.safetensors, vocab.txt and config.json")
      .add_rest("TEXT", texts, "texts; without any, the lines of --file or of standard input")
      .add("--file", file, "file of texts, one a line")
      .add_count("--neighbours", neighbours, "of every text the so many nearest ones")
      .add("--npy", npy, "file for the texts' vectors, as NumPy reads it")
      .add_flag("--json", json, "prints texts, ids and vectors, a line of JSON each")
      .add_flag("--summary", summary, "prints what every bucket of the program has computed");
  line.add("--index", index, "index file of a folder's passages")
      .add("--folder", folder, "folder of text files: brings --index up to date with it")
      .add("--search", query, "prints the passages of --index that are nearest to a query")
      .add_count("--best", best, "passages that --search prints")
      .needs("--folder", "--index")
      .needs("--search", "--index")
      .needs("--best", "--search");
  line.add("--train", pairs, "CSV file of two texts and a score each: trains a classifier of pairs")
      .add("--similar-from", similar_from, "the least score of similar texts")
      .add_count("--steps", training.steps, "training steps", 1, 1000000)
      .add("--seed", training.seed, "seed of what is random")
      .add("--save", save, "safetensors file for the classifier")
      .add("--load", load, "a classifier that was saved: judges texts in pairs")
      .needs("--similar-from", "--train")
      .needs("--steps", "--train")
      .needs("--seed", "--train")
      .needs("--save", "--train")
      .excludes("--load", "--train");
  for (const char* other : {"--index", "--train", "--load"}) {
    for (const char* of_texts : {"--neighbours", "--npy", "--json"}) line.excludes(of_texts, other);
  }
  for (const char* other : {"--train", "--load"}) line.excludes("--index", other);
  for (const char* other : {"--index", "--train"}) line.excludes("--file", other);
  line.excludes("--neighbours", "--json");
}

void Options::check() const {
  const auto refuse = [](const std::string& words) { throw std::invalid_argument(words); };
  if (model.empty()) refuse("--model: expected the folder of a model, got none");
  if (!texts.empty() && !file.empty()) refuse("--file: expected no texts beside it, got some");
  if (!texts.empty() && !(index.empty() && pairs.empty()))
    refuse(std::string(index.empty() ? "--train" : "--index") + ": expected no texts beside it, got some");
  if (!index.empty() && folder.empty() && query.empty())
    refuse("--index: expected --folder or --search beside it, got neither");
  require_different({{"--file", file}, {"--npy", npy}});
  require_different({{"--train", pairs}, {"--save", save}});
  require_writable({{"--npy", npy}, {"--save", save}});
}

}  // namespace sentences
