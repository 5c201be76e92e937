#pragma once

#include "text_embedder.hpp"

namespace sentences {

/// The most texts that a table of similarities is printed of.
inline constexpr std::size_t most_in_table = 40;

/// Prints a row of cosines for every text, and the text. Throws std::invalid_argument for too many.
void print_similarities(const Texts& texts, const Embeddings& embeddings);

/// Prints every text, and below it the so many that are nearest to it.
void print_neighbours(const Texts& texts, const Embeddings& embeddings, std::size_t most);

/// Prints a line of JSON for every text: {"text": "...", "ids": [...], "embedding": [...]}, in digits that
/// give every number back when they are read.
void print_json(const Texts& texts, std::span<const Tokens> ids, const Embeddings& embeddings);

/// Writes the vectors as a .npy file, [texts, width]. Throws as io::replace_file does.
void write_vectors(const std::string& path, const Embeddings& embeddings);

}  // namespace sentences
