#pragma once

#include "index.hpp"
#include "text_embedder.hpp"

namespace sentences {

/// What an update of an index has done.
struct IndexUpdate {
  Index index{};
  std::size_t kept = 0;                ///< files that have not changed
  std::size_t embedded = 0;            ///< others
  std::vector<std::string> skipped{};  ///< files that are no text, and why
};

/// Brings an index up to date with a folder: makes vectors of files that are new or have changed, forgets
/// those that are gone, and writes it. Files and folders whose names begin with a dot are left alone. Throws
/// std::invalid_argument where the folder holds no text, where the index is that of another model or is
/// damaged, and what write_index throws.
IndexUpdate update_index(const std::filesystem::path& file, const std::filesystem::path& folder,
                         TextEmbedder& embedder);

/// Reads an index of vectors that this model has made. Throws as read_index does, and std::invalid_argument
/// where another model made it.
Index read_index_of(const std::filesystem::path& file, TextEmbedder& embedder);

/// A passage that was found.
struct Found {
  double cosine = 0;
  std::string path{};  ///< within the folder
  std::uint64_t line = 0;
  std::string text{};  ///< nothing where the file has changed since, or cannot be read
};

/// The `most` passages of an index that are nearest to a query.
std::vector<Found> search(const Index& index, std::string_view query, std::size_t most,
                          TextEmbedder& embedder);

}  // namespace sentences
