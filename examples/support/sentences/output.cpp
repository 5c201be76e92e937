#include "output.hpp"

#include <ctgrad/io/npy.hpp>

#include "passages.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace sentences {

namespace {

constexpr std::size_t most_shown = 100;

template <class Number>
void append(std::string& line, std::span<const Number> numbers) {
  char digits[32];
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) line += ',';
    line.append(digits, std::to_chars(digits, digits + sizeof digits, numbers[i]).ptr);
  }
}

}  // namespace

void print_similarities(const Texts& texts, const Embeddings& embeddings) {
  if (texts.size() > most_in_table) {
    throw std::invalid_argument("texts: expected at most " + std::to_string(most_in_table) +
                                " for a table of similarities, got " + std::to_string(texts.size()) +
                                "; ask for --neighbours, --npy or --json");
  }
  std::printf("    ");
  for (std::size_t i = 0; i < texts.size(); ++i) std::printf("%8zu", i + 1);
  std::printf("\n");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::printf("%4zu", i + 1);
    for (std::size_t j = 0; j < texts.size(); ++j) std::printf("%8.4f", cosine(embeddings[i], embeddings[j]));
    std::printf("  %s\n", on_one_line(texts.texts[i], most_shown).c_str());
  }
}

void print_neighbours(const Texts& texts, const Embeddings& embeddings, std::size_t most) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::printf("%zu  %s\n", i + 1, on_one_line(texts.texts[i], most_shown).c_str());
    for (const Neighbour& near : nearest(embeddings, embeddings[i], most, i))
      std::printf("  %7.4f  %zu  %s\n", near.cosine, near.text + 1,
                  on_one_line(texts.texts[near.text], most_shown).c_str());
  }
}

void print_json(const Texts& texts, std::span<const Tokens> ids, const Embeddings& embeddings) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string line = "{\"text\":" + nlohmann::json(texts.texts[i]).dump() + ",\"ids\":[";
    append(line, std::span<const std::int32_t>(ids[i]));
    line += "],\"embedding\":[";
    append(line, embeddings[i]);
    std::printf("%s]}\n", line.c_str());
  }
}

void write_vectors(const std::string& path, const Embeddings& embeddings) {
  const ctgrad::io::NamedTensor tensor =
      ctgrad::io::named_tensor("vectors", {embeddings.size(), embeddings.width}, embeddings.numbers);
  const std::string head = ctgrad::io::npy_head(path, tensor);
  const std::span<const std::byte> pieces[] = {std::as_bytes(std::span(head)), tensor.bytes};
  ctgrad::io::replace_file(path, pieces);
}

}  // namespace sentences
