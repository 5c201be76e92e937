#pragma once

#include <ctgrad/io/npz.hpp>

/// Writing .npz files, which numpy.load reads and read_npz gives back bit for bit.
namespace ctgrad::io {

/// Whether the arrays of a .npz file are stored as they are or deflated: with zlib alone.
enum class Packing : std::uint8_t { stored, deflated };

/// The pieces of a .npz file. Equal arrays give equal files: no time goes into them.
class NpzImage {
 public:
  /// `file` is what errors call it. Throws NumpyError if two arrays have one name, if a name is too long for
  /// an archive or no UTF-8, if an array has not as many bytes as its shape and type ask for or a type that
  /// NumPy lacks, and if arrays are to be deflated without zlib.
  NpzImage(std::string_view file, std::vector<NamedTensor> arrays, Packing packing)
      : file_(shown(file, 1000)), arrays_(std::move(arrays)), packing_(packing) {
    if (packing == Packing::deflated && !has_zlib)
      throw NumpyError(file_, "packing", "stored, or a program with zlib (CTGRAD_ZLIB)", "deflated");
    std::set<std::string_view> names;
    parts_.reserve(arrays_.size());
    for (const NamedTensor& array : arrays_) {
      check_name(array.name, names.insert(array.name).second);
      add(array);
    }
    make_directory();
  }

  /// Everything that the file holds, in order. Valid while this object and the arrays' bytes are.
  std::vector<std::span<const std::byte>> pieces() const {
    std::vector<std::span<const std::byte>> pieces;
    for (const Part& part : parts_) {
      pieces.push_back(std::as_bytes(std::span(part.head)));
      if (packing_ == Packing::deflated) {
        pieces.emplace_back(part.deflated);
      } else {
        pieces.push_back(std::as_bytes(std::span(part.npy_head)));
        pieces.push_back(part.numbers);
      }
    }
    pieces.push_back(std::as_bytes(std::span(directory_)));
    return pieces;
  }

  /// The whole file in one piece.
  std::vector<std::byte> bytes() const {
    std::vector<std::byte> whole;
    for (const auto piece : pieces()) whole.insert(whole.end(), piece.begin(), piece.end());
    return whole;
  }

 private:
  /// A file of the archive.
  struct Part {
    std::string name;      ///< with .npy behind it
    std::string head;      ///< what stands in front of it in the archive
    std::string npy_head;  ///< its own beginning
    std::span<const std::byte> numbers;
    std::vector<std::byte> deflated;
    std::uint32_t crc = 0;
    std::uint64_t size = 0, packed = 0, begin = 0;
  };

  static constexpr std::uint16_t version = 45;  ///< which has sizes of 64 bits
  static constexpr std::uint16_t names_are_utf8 = 0x800;
  static constexpr std::uint32_t first_of_1980 = 0x00210000;  ///< the earliest time that archives know

  void check_name(const std::string& name, bool is_new) const {
    const std::string place = "array " + in_quotes(name);
    constexpr std::size_t longest = 60000;
    if (!is_new) throw NumpyError(file_, place, "a name of its own", "this one again");
    if (name.size() > longest)
      throw NumpyError(file_, place, "a name of at most 60000 bytes", std::to_string(name.size()));
    std::string_view rest = name;
    while (!rest.empty()) {
      const Character character = first_character(rest);
      if (!character.valid || character.code == 0)
        throw NumpyError(file_, place, "a name in UTF-8", "other bytes");
      rest.remove_prefix(character.bytes.size());
    }
  }

  void add(const NamedTensor& array) {
    Part part;
    part.name = array.name + std::string(npz::extension);
    part.npy_head = npy_head(file_, array);
    part.numbers = array.bytes;
    std::vector<std::byte> whole;
    const auto head = std::as_bytes(std::span(part.npy_head));
    whole.insert(whole.end(), head.begin(), head.end());
    whole.insert(whole.end(), array.bytes.begin(), array.bytes.end());
    part.crc = crc32(whole);
    part.size = part.packed = whole.size();
    if (packing_ == Packing::deflated) {
      part.deflated = deflate(whole);
      part.packed = part.deflated.size();
    }
    part.begin = end_;
    put<std::uint32_t>(part.head, zip::local_mark);
    put_common(part.head, part);
    put<std::uint32_t>(part.head, zip::in_wide_field);  // both sizes are in the field behind the name
    put<std::uint32_t>(part.head, zip::in_wide_field);
    put<std::uint16_t>(part.head, part.name.size());
    put<std::uint16_t>(part.head, 20);
    part.head += part.name;
    put_wide_field(part.head, {part.size, part.packed});
    end_ += part.head.size() + part.packed;
    parts_.push_back(std::move(part));
  }

  /// What a file's head and its entry in the directory have in common.
  void put_common(std::string& text, const Part& part) const {
    put<std::uint16_t>(text, version);
    put<std::uint16_t>(text, names_are_utf8);
    put<std::uint16_t>(text, packing_ == Packing::deflated ? zip::deflated : zip::stored);
    put<std::uint32_t>(text, first_of_1980);
    put<std::uint32_t>(text, part.crc);
  }

  void make_directory() {
    for (const Part& part : parts_) {
      put<std::uint32_t>(directory_, zip::entry_mark);
      put<std::uint16_t>(directory_, version);
      put_common(directory_, part);
      for (int i = 0; i < 2; ++i) put<std::uint32_t>(directory_, zip::in_wide_field);
      put<std::uint16_t>(directory_, part.name.size());
      put<std::uint16_t>(directory_, 28);
      directory_.append(10, '\0');  // comment, disk and attributes: none
      put<std::uint32_t>(directory_, zip::in_wide_field);
      directory_ += part.name;
      put_wide_field(directory_, {part.size, part.packed, part.begin});
    }
    const std::uint64_t size = directory_.size();
    put<std::uint32_t>(directory_, zip::wide_end_mark);
    put<std::uint64_t>(directory_, zip::wide_end_size - 12);
    put<std::uint16_t>(directory_, version);
    put<std::uint16_t>(directory_, version);
    put<std::uint64_t>(directory_, 0);  // disks
    for (int i = 0; i < 2; ++i) put<std::uint64_t>(directory_, parts_.size());
    put<std::uint64_t>(directory_, size);
    put<std::uint64_t>(directory_, end_);
    put<std::uint32_t>(directory_, zip::wide_locator_mark);
    put<std::uint32_t>(directory_, 0);
    put<std::uint64_t>(directory_, end_ + size);
    put<std::uint32_t>(directory_, 1);
    put<std::uint32_t>(directory_, zip::end_mark);
    put<std::uint32_t>(directory_, 0);
    for (int i = 0; i < 2; ++i) put<std::uint16_t>(directory_, std::min<std::size_t>(parts_.size(), 0xFFFF));
    put<std::uint32_t>(directory_, std::min<std::uint64_t>(size, zip::in_wide_field));
    put<std::uint32_t>(directory_, std::min<std::uint64_t>(end_, zip::in_wide_field));
    put<std::uint16_t>(directory_, 0);
  }

  template <class T>
  static void put(std::string& text, std::uint64_t number) {
    for (std::size_t byte = 0; byte < sizeof(T); ++byte)
      text += static_cast<char>(number >> (8 * byte) & 0xFF);
  }

  static void put_wide_field(std::string& text, std::initializer_list<std::uint64_t> numbers) {
    put<std::uint16_t>(text, 1);
    put<std::uint16_t>(text, 8 * numbers.size());
    for (const std::uint64_t number : numbers) put<std::uint64_t>(text, number);
  }

  std::string file_;
  std::vector<NamedTensor> arrays_;
  Packing packing_;
  std::vector<Part> parts_;
  std::uint64_t end_ = 0;
  std::string directory_;
};

/// Writes arrays as a .npz file, in the place of the one that is there; after a failure that one is as it
/// was. Throws NumpyError as NpzImage does, before anything is written, and WriteError, naming file and
/// cause, as replace_file does. `named_tensor` makes an array of a range of numbers.
inline void write_npz(const std::filesystem::path& path, std::vector<NamedTensor> arrays,
                      Packing packing = Packing::stored) {
  const NpzImage image(path.native(), std::move(arrays), packing);
  replace_file(path, image.pieces());
}

}  // namespace ctgrad::io
