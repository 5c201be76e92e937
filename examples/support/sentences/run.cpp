#include "run.hpp"

#include <ctgrad/io/quoted.hpp>

#include "../program.hpp"
#include "../text.hpp"
#include "options.hpp"
#include "output.hpp"
#include "pair_task.hpp"
#include "search.hpp"

#include <unistd.h>

#include <cstdio>
#include <stdexcept>

namespace sentences {

namespace {

constexpr std::size_t most_of_a_passage = 300;

Texts texts_of(const Options& options) {
  if (!options.texts.empty()) return {"text", options.texts};
  if (!options.file.empty()) return texts_of_file(options.file);
  if (::isatty(STDIN_FILENO) != 0) std::fprintf(stderr, "texts, one a line, up to Ctrl-D:\n");
  return texts_of_stream(stdin);
}

void note_truncated(std::size_t truncated, std::size_t most_tokens) {
  if (truncated == 0) return;
  std::fprintf(stderr, "%zu texts are longer than %zu tokens: their ends are left out\n", truncated,
               most_tokens);
}

void embed_texts(const Options& options, TextEmbedder& embedder) {
  const Texts texts = texts_of(options);
  if (texts.size() == 0) throw std::invalid_argument("texts: expected at least one, got none");
  const TextEmbedder::Encoded encoded = embedder.encode(texts);
  note_truncated(encoded.truncated, embedder.most_tokens());
  const Embeddings embeddings = embedder.embed(encoded.ids);
  if (!options.npy.empty()) write_vectors(options.npy, embeddings);
  if (options.json) print_json(texts, encoded.ids, embeddings);
  if (options.neighbours > 0) print_neighbours(texts, embeddings, options.neighbours);
  const bool nothing_else = options.npy.empty() && !options.json && options.neighbours == 0;
  if (nothing_else) print_similarities(texts, embeddings);
}

Index update(const Options& options, TextEmbedder& embedder) {
  IndexUpdate update = update_index(options.index, options.folder, embedder);
  constexpr std::size_t most_named = 5;
  for (std::size_t i = 0; i < update.skipped.size() && i < most_named; ++i)
    std::fprintf(stderr, "left out: %s\n", update.skipped[i].c_str());
  if (update.skipped.size() > most_named)
    std::fprintf(stderr, "left out: %zu more files\n", update.skipped.size() - most_named);
  std::printf("%s: %zu passages of %zu files, of which %zu are as they were\n",
              ctgrad::io::shown(options.index).c_str(), update.index.passages.size(),
              update.index.files.size(), update.kept);
  return std::move(update.index);
}

void use_index(const Options& options, TextEmbedder& embedder) {
  const Index index =
      options.folder.empty() ? read_index_of(options.index, embedder) : update(options, embedder);
  if (options.query.empty()) return;
  for (const Found& found : search(index, options.query, options.best, embedder)) {
    std::printf("%.4f  %s:%llu  %s\n", found.cosine, ctgrad::io::shown(found.path).c_str(),
                static_cast<unsigned long long>(found.line),
                found.text.empty() ? "(the file has changed since)"
                                   : on_one_line(found.text, most_of_a_passage).c_str());
  }
}

int work(const Options& options, const CompiledModel& compiled) {
  options.check();
  TextEmbedder embedder(options.model, compiled);
  int code = 0;
  if (!options.index.empty()) {
    use_index(options, embedder);
  } else if (!options.pairs.empty()) {
    code = train_pairs(options, compiled, embedder);
  } else if (!options.load.empty()) {
    judge_pairs(options, texts_of(options), compiled, embedder);
  } else {
    embed_texts(options, embedder);
  }
  if (options.summary) std::printf("\n%s", embedder.summary().c_str());
  return code;
}

}  // namespace

int run(const char* name, int argc, char** argv, const CompiledModel& compiled) {
  return program::run(name, [&] {
    Options options;
    CommandLine line(name, "Makes vectors of texts, and finds what is similar.");
    options.add_to(line);
    return line.parse(argc, argv) ? work(options, compiled) : line.exit_code();
  });
}

}  // namespace sentences
