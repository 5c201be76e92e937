#include "search.hpp"

#include <ctgrad/base/byte_hash.hpp>
#include <ctgrad/io/quoted.hpp>
#include <ctgrad/text/utf8.hpp>

#include "../text.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

using ctgrad::io::shown;

namespace sentences {

namespace {

namespace fs = std::filesystem;

/// The paths of a folder's files, within it, in order; without what begins with a dot.
std::vector<std::string> files_in(const fs::path& folder, const fs::path& without) {
  std::vector<std::string> paths;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
       ++entry) {
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (hidden && entry->is_directory()) entry.disable_recursion_pending();
    std::error_code error;  // where the index is not there yet
    if (hidden || !entry->is_regular_file() || fs::equivalent(entry->path(), without, error)) continue;
    paths.push_back(fs::relative(entry->path(), folder).generic_string());
  }
  std::ranges::sort(paths);
  return paths;
}

/// A file's text, or why it is none.
struct FileText {
  std::string text{};
  std::string refusal{};
};

FileText text_in(const fs::path& path) {
  FileText file;
  try {
    file.text = read_text(path);
  } catch (const std::exception& error) {
    return {"", error.what()};
  }
  const std::size_t valid = ctgrad::text::valid_prefix(file.text);
  if (valid != file.text.size())
    return {"", shown(path.native()) + ": byte " + std::to_string(valid) + ": expected UTF-8"};
  return file;
}

/// Whether two vectors of the probe are those of one model, computed perhaps by different processors.
bool are_of_one_model(std::span<const float> a, std::span<const float> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest < 1e-4;
}

/// Makes an index of a folder, in which what an older one holds of unchanged files is kept.
class IndexBuilder {
 public:
  IndexBuilder(const std::optional<Index>& old, TextEmbedder& embedder)
      : old_(old), embedder_(embedder), old_begins_(old ? old->begins() : std::vector<std::size_t>{}) {}

  void add(const fs::path& folder, const std::string& path) {
    const FileText file = text_in(folder / path);
    if (!file.refusal.empty()) {
      update_.skipped.push_back(file.refusal);
      return;
    }
    const std::uint64_t hash = ctgrad::hash_of(file.text);
    if (keep(path, hash)) return;
    const std::vector<Passage> passages =
        passages_of(file.text, [&](std::string_view text) { return fitting(text, path); });
    update_.index.files.push_back({path, hash, passages.size()});
    for (const Passage& passage : passages) {
      const auto text = std::string_view(file.text).substr(passage.begin, passage.end - passage.begin);
      ids_.push_back(embedder_.encode(text, path).ids);
      rows_.push_back(update_.index.passages.size());
      update_.index.passages.push_back(passage);
    }
    update_.index.embeddings.numbers.resize(update_.index.passages.size() * embedder_.width());
    ++update_.embedded;
  }

  IndexUpdate finish(const fs::path& folder, std::vector<float> probe) {
    const Embeddings made = embedder_.embed(ids_);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      std::ranges::copy(made[i], update_.index.embeddings.numbers.begin() +
                                     static_cast<std::ptrdiff_t>(rows_[i] * made.width));
    }
    update_.index.embeddings.width = embedder_.width();
    update_.index.folder = folder;
    update_.index.probe = std::move(probe);
    return std::move(update_);
  }

 private:
  /// How many bytes of a text have no more tokens than the model takes.
  std::size_t fitting(std::string_view text, const std::string& path) const {
    const ctgrad::text::Encoding encoding = embedder_.encode(text, path);
    if (!encoding.truncated) return text.size();
    return std::max<std::size_t>(encoding.offsets[encoding.size() - 2].end, 1);
  }

  /// Takes over what the old index has of a file, if it has not changed.
  bool keep(const std::string& path, std::uint64_t hash) {
    if (!old_) return false;
    const auto found = std::ranges::lower_bound(old_->files, path, {}, &IndexedFile::path);
    if (found == old_->files.end() || found->path != path || found->hash != hash) return false;
    const std::size_t begin = old_begins_[static_cast<std::size_t>(found - old_->files.begin())];
    for (std::size_t i = begin; i < begin + found->passages; ++i) {
      update_.index.passages.push_back(old_->passages[i]);
      update_.index.embeddings.append(old_->embeddings[i]);
    }
    update_.index.files.push_back(*found);
    ++update_.kept;
    return true;
  }

  const std::optional<Index>& old_;
  TextEmbedder& embedder_;
  std::vector<std::size_t> old_begins_;
  IndexUpdate update_;
  std::vector<Tokens> ids_;        ///< of passages that have no vector yet
  std::vector<std::size_t> rows_;  ///< which ones these are
};

}  // namespace

Index read_index_of(const fs::path& file, TextEmbedder& embedder) {
  Index index = read_index(file, embedder.width());
  if (!are_of_one_model(index.probe, embedder.embed(probe_text, "probe"))) {
    throw std::invalid_argument(shown(file.native(), 1000) +
                                ": expected an index that this model has made, got another one's");
  }
  return index;
}

IndexUpdate update_index(const fs::path& file, const fs::path& folder, TextEmbedder& embedder) {
  ctgrad::io::FileLock lock(file);
  std::optional<Index> old;
  if (fs::exists(file)) old = read_index_of(file, embedder);
  const fs::path whole = fs::canonical(folder);
  IndexBuilder builder(old, embedder);
  for (const std::string& path : files_in(whole, file)) builder.add(whole, path);
  IndexUpdate update = builder.finish(whole, embedder.embed(probe_text, "probe"));
  if (update.index.passages.empty()) {
    throw std::invalid_argument("--folder: expected files with text, got none in " + shown(folder.native()));
  }
  write_index(lock, update.index);
  return update;
}

std::vector<Found> search(const Index& index, std::string_view query, std::size_t most,
                          TextEmbedder& embedder) {
  const std::vector<float> vector = embedder.embed(query, "--search");
  const std::vector<std::size_t> begins = index.begins();
  std::vector<Found> found;
  for (const Neighbour& near : nearest(index.embeddings, vector, most)) {
    const auto behind = std::ranges::upper_bound(begins, near.text) - begins.begin();
    const IndexedFile& file = index.files[static_cast<std::size_t>(behind) - 1];
    const Passage& passage = index.passages[near.text];
    const FileText now = text_in(index.folder / file.path);
    const bool is_there = now.refusal.empty() && ctgrad::hash_of(now.text) == file.hash;
    found.push_back({near.cosine, file.path, passage.line,
                     is_there ? now.text.substr(passage.begin, passage.end - passage.begin) : ""});
  }
  return found;
}

}  // namespace sentences
