#pragma once

#include "embeddings.hpp"
#include "passages.hpp"

#include <ctgrad/io/file_lock.hpp>

#include <filesystem>

namespace sentences {

/// A file of a folder, and its passages.
struct IndexedFile {
  std::string path{};      ///< within the folder
  std::uint64_t hash = 0;  ///< of its bytes, by which it is known again: hash_of
  std::size_t passages = 0;
};

/// The vectors of a folder's passages.
struct Index {
  std::filesystem::path folder{};    ///< absolute
  std::vector<float> probe{};        ///< the vector of `probe_text`, by which the model is known again
  std::vector<IndexedFile> files{};  ///< by path
  std::vector<Passage> passages{};   ///< file by file
  Embeddings embeddings{};           ///< of the passages

  /// The first passage of each file, and behind them the number of passages.
  std::vector<std::size_t> begins() const;
};

/// A text that every index holds the vector of.
inline constexpr const char* probe_text = "What model made this index?";

/// Writes an index as safetensors with a checksum, in the place of the one that is there; after a failure
/// that one is as it was. Throws io::WriteError, naming file and cause.
void write_index(ctgrad::io::FileLock& file, const Index& index);

/// Reads an index. Throws std::invalid_argument, "FILE: expected ..., got ...", for a file that is damaged or
/// is none, and whose vectors are not of this width, and what io::read_safetensors throws.
Index read_index(const std::filesystem::path& path, std::size_t width);

}  // namespace sentences
