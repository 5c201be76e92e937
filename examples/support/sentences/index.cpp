#include "index.hpp"

#include <ctgrad/io/crc32.hpp>
#include <ctgrad/io/quoted.hpp>
#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/io/safetensors_writer.hpp>

#include <cmath>
#include <stdexcept>

namespace io = ctgrad::io;

namespace sentences {

namespace {

constexpr const char* format = "ctgrad sentences 1";

/// A checksum of all tensors, in the order of their names.
std::string checksum(const std::vector<std::span<const std::byte>>& tensors) {
  std::vector<std::byte> all;
  for (const auto tensor : tensors) all.insert(all.end(), tensor.begin(), tensor.end());
  return std::to_string(io::crc32(all));
}

/// What a file holds of an index besides its vectors, as arrays.
struct Arrays {
  std::string paths{};                    ///< the folder and the files, each with a zero byte behind it
  std::vector<std::uint64_t> files{};     ///< hash and number of passages of each
  std::vector<std::uint64_t> passages{};  ///< begin, end and line of each

  explicit Arrays(const Index& index) : paths(index.folder.string() + '\0') {
    for (const IndexedFile& file : index.files) {
      paths += file.path + '\0';
      files.insert(files.end(), {file.hash, file.passages});
    }
    for (const Passage& passage : index.passages)
      passages.insert(passages.end(), {passage.begin, passage.end, passage.line});
  }
};

/// Takes an index from a file, of which nothing is known yet.
class IndexReader {
 public:
  explicit IndexReader(const std::filesystem::path& path) : file_(io::read_safetensors(path)) {
    std::vector<std::span<const std::byte>> tensors;
    for (const std::string& name : file_.names()) tensors.push_back(file_.at(name).bytes);
    const auto note = [&](const char* name) {
      const auto found = file_.metadata().find(name);
      return found == file_.metadata().end() ? "none" : io::shown(found->second);
    };
    if (note("format") != format) refuse(std::string("format '") + format + "'", note("format"));
    if (note("checksum") != checksum(tensors))
      refuse("checksum " + note("checksum") + ", as it says", checksum(tensors) + ": it is damaged");
  }

  Index index(std::size_t width) const {
    Index index;
    index.probe = numbers<float>("probe", {width});
    const auto files = numbers<std::uint64_t>("files", {any, 2});
    const auto passages = numbers<std::uint64_t>("passages", {any, 3});
    index.embeddings = {width, numbers<float>("embeddings", {passages.size() / 3, width})};
    const std::vector<std::string> paths = split(numbers<std::uint8_t>("paths", {any}));
    if (paths.size() != files.size() / 2 + 1)
      refuse(std::to_string(files.size() / 2 + 1) + " paths", std::to_string(paths.size()));
    index.folder = paths[0];
    std::size_t count = 0;
    for (std::size_t i = 0; i < files.size() / 2; ++i) {
      index.files.push_back({paths[i + 1], files[2 * i], static_cast<std::size_t>(files[2 * i + 1])});
      count += std::min(index.files.back().passages, passages.size());
    }
    if (count != passages.size() / 3)
      refuse(std::to_string(passages.size() / 3) + " passages in its files", std::to_string(count));
    for (std::size_t i = 0; i < passages.size(); i += 3) {
      if (passages[i] >= passages[i + 1] || passages[i + 2] == 0) refuse("passages in order", "others");
      index.passages.push_back({passages[i], passages[i + 1], passages[i + 2]});
    }
    for (std::size_t i = 0; i < index.embeddings.size(); ++i) require_length_1(index.embeddings[i]);
    return index;
  }

 private:
  static constexpr std::size_t any = static_cast<std::size_t>(-1);

  template <class T>
  std::vector<T> numbers(const char* name, std::vector<std::size_t> shape) const {
    const auto array = file_.read<T>(name);
    bool fits = array.dimension() == shape.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] == any || shape[i] == array.shape()[i];
    if (!fits) {
      const std::vector<std::size_t> got(array.shape().begin(), array.shape().end());
      refuse(std::string(name) + " " + text_of(shape), text_of(got));
    }
    return {array.begin(), array.end()};
  }

  static std::string text_of(const std::vector<std::size_t>& shape) {
    std::string text = "[";
    for (const std::size_t extent : shape)
      text += (text.size() > 1 ? ", " : "") + (extent == any ? "any" : std::to_string(extent));
    return text + "]";
  }

  static std::vector<std::string> split(const std::vector<std::uint8_t>& bytes) {
    std::vector<std::string> paths(1);
    for (const std::uint8_t byte : bytes) {
      if (byte == 0) {
        paths.emplace_back();
      } else {
        paths.back() += static_cast<char>(byte);
      }
    }
    paths.pop_back();
    return paths;
  }

  void require_length_1(std::span<const float> vector) const {
    const double length = std::sqrt(cosine(vector, vector));
    if (!(std::abs(length - 1) < 1e-3)) refuse("vectors of length 1", "one of " + std::to_string(length));
  }

  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
    throw std::invalid_argument(file_.file() + ": expected " + expected + ", got " + got);
  }

  io::Safetensors file_;
};

}  // namespace

std::vector<std::size_t> Index::begins() const {
  std::vector<std::size_t> begins{0};
  for (const IndexedFile& file : files) begins.push_back(begins.back() + file.passages);
  return begins;
}

void write_index(io::FileLock& file, const Index& index) {
  const Arrays arrays(index);
  const std::size_t count = index.passages.size();
  std::vector<io::NamedTensor> tensors{
      io::named_tensor("embeddings", {count, index.embeddings.width}, index.embeddings.numbers),
      io::named_tensor("files", {index.files.size(), 2}, arrays.files),
      io::named_tensor("passages", {count, 3}, arrays.passages),
      {"paths", io::Dtype::u8, {arrays.paths.size()}, std::as_bytes(std::span(arrays.paths))},
      io::named_tensor("probe", {index.probe.size()}, index.probe)};
  std::vector<std::span<const std::byte>> bytes;
  for (const io::NamedTensor& tensor : tensors) bytes.push_back(tensor.bytes);
  io::write_safetensors(file, std::move(tensors), {{"format", format}, {"checksum", checksum(bytes)}});
}

Index read_index(const std::filesystem::path& path, std::size_t width) {
  return IndexReader(path).index(width);
}

}  // namespace sentences
