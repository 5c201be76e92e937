#pragma once

#include <ctgrad/io/crc32.hpp>
#include <ctgrad/io/inflate.hpp>
#include <ctgrad/io/npy_header.hpp>

/// Zip archives in memory, as far as .npz files need them. Source of the format: PKWARE's APPNOTE 6.3.
///
/// The directory at the end of an archive says what is in it, so only the directory is believed; the head in
/// front of each file is held against it. Nothing is ever unpacked into a folder.
namespace ctgrad::io {

/// A file in an archive.
struct ZipEntry {
  std::string name;
  bool deflated = false;
  std::uint32_t crc = 0;
  std::span<const std::byte> packed;  ///< its bytes as they lie in the archive
  std::size_t size = 0;               ///< of its bytes
};

/// Numbers of an archive, least significant byte first, at any place within it.
class ZipBytes {
 public:
  ZipBytes(std::string_view file, std::span<const std::byte> bytes) : file_(file), bytes_(bytes) {}

  std::size_t size() const { return bytes_.size(); }

  template <class T>
  T number(std::size_t at, const char* what) const {
    return load<T>(part(at, sizeof(T), what).data());
  }

  /// Throws NumpyError, saying what was looked for, where the archive ends before the part does.
  std::span<const std::byte> part(std::size_t at, std::size_t count, const std::string& what) const {
    if (at > bytes_.size() || count > bytes_.size() - at) {
      refuse(what, "to end within the archive's " + std::to_string(bytes_.size()) + " bytes",
             std::to_string(count) + " bytes at " + std::to_string(at));
    }
    return bytes_.subspan(at, count);
  }

  [[noreturn]] void refuse(const std::string& place, const std::string& expected,
                           const std::string& got) const {
    throw NumpyError(file_, place, expected, got);
  }

 private:
  std::string_view file_;
  std::span<const std::byte> bytes_;
};

namespace zip {

inline constexpr std::uint32_t local_mark = 0x04034B50, entry_mark = 0x02014B50, end_mark = 0x06054B50,
                               wide_locator_mark = 0x07064B50, wide_end_mark = 0x06064B50;
inline constexpr std::size_t local_size = 30, entry_size = 46, end_size = 22, wide_locator_size = 20,
                             wide_end_size = 56;
inline constexpr std::uint32_t in_wide_field = 0xFFFFFFFF;
inline constexpr std::uint16_t stored = 0, deflated = 8;

/// Where the directory lies and how many files it lists.
struct Directory {
  std::uint64_t begin = 0, size = 0, count = 0;
};

/// The record that ends an archive; a comment may follow it.
inline std::size_t find_end(const ZipBytes& bytes) {
  constexpr std::size_t longest_comment = 0xFFFF;
  if (bytes.size() >= end_size) {
    const std::size_t last = bytes.size() - end_size;
    for (std::size_t back = 0; back <= std::min(last, longest_comment); ++back) {
      const std::size_t at = last - back;
      if (bytes.number<std::uint32_t>(at, "end") != end_mark) continue;
      if (bytes.number<std::uint16_t>(at + 20, "end") == back) return at;
    }
  }
  bytes.refuse("is no .npz file", "the record that ends a zip archive",
               "none in " + std::to_string(bytes.size()) + " bytes");
}

inline Directory find_directory(const ZipBytes& bytes) {
  const std::size_t end = find_end(bytes);
  Directory directory{bytes.number<std::uint32_t>(end + 16, "end"),
                      bytes.number<std::uint32_t>(end + 12, "end"),
                      bytes.number<std::uint16_t>(end + 10, "end")};
  const bool wide = end >= wide_locator_size &&
                    bytes.number<std::uint32_t>(end - wide_locator_size, "locator") == wide_locator_mark;
  if (wide) {
    const auto at =
        static_cast<std::size_t>(bytes.number<std::uint64_t>(end - wide_locator_size + 8, "locator"));
    bytes.part(at, wide_end_size, "zip64 end");
    if (bytes.number<std::uint32_t>(at, "zip64 end") != wide_end_mark)
      bytes.refuse("zip64 end", "its mark", "other bytes");
    directory = {bytes.number<std::uint64_t>(at + 48, "zip64 end"),
                 bytes.number<std::uint64_t>(at + 40, "zip64 end"),
                 bytes.number<std::uint64_t>(at + 32, "zip64 end")};
  }
  bytes.part(directory.begin, directory.size, "directory");
  if (directory.count > directory.size / entry_size) {
    bytes.refuse("directory", "at most " + std::to_string(directory.size / entry_size) + " files",
                 std::to_string(directory.count));
  }
  return directory;
}

/// Sizes and place of a file as its directory entry has them, the latter in 64 bits where 32 are too few.
struct Extent {
  std::uint64_t size = 0, packed = 0, local = 0;
};

inline Extent read_extent(const ZipBytes& bytes, std::size_t at, const std::string& place) {
  Extent extent{bytes.number<std::uint32_t>(at + 24, "directory"),
                bytes.number<std::uint32_t>(at + 20, "directory"),
                bytes.number<std::uint32_t>(at + 42, "directory")};
  std::size_t field = at + entry_size + bytes.number<std::uint16_t>(at + 28, "directory");
  const std::size_t end = field + bytes.number<std::uint16_t>(at + 30, "directory");
  std::uint64_t* wanted[] = {&extent.size, &extent.packed, &extent.local};
  while (field + 4 <= end) {
    const auto kind = bytes.number<std::uint16_t>(field, "directory");
    const std::size_t next = field + 4 + bytes.number<std::uint16_t>(field + 2, "directory");
    if (next > end) break;
    std::size_t number = field + 4;
    for (std::uint64_t* each : wanted) {
      if (kind != 1 || *each != in_wide_field || number + 8 > next) continue;
      *each = bytes.number<std::uint64_t>(number, "directory");
      number += 8;
    }
    field = next;
  }
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());
  if (extent.size > most) bytes.refuse(place, "a size that can be addressed", std::to_string(extent.size));
  return extent;
}

/// A file of the directory whose entry lies at `at`, and where its head begins and its bytes end.
struct Located {
  ZipEntry entry;
  std::size_t begin = 0, end = 0;
};

inline Located read_entry(const ZipBytes& bytes, std::size_t at) {
  const auto name =
      bytes.part(at + entry_size, bytes.number<std::uint16_t>(at + 28, "directory"), "directory");
  Located found;
  found.entry.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
  const std::string place = "entry " + in_quotes(found.entry.name);
  const auto flags = bytes.number<std::uint16_t>(at + 8, "directory");
  const auto method = bytes.number<std::uint16_t>(at + 10, "directory");
  if ((flags & 1) != 0) bytes.refuse(place, "no encryption", "an encrypted file");
  if (method != stored && method != deflated)
    bytes.refuse(place, "compression 0 (stored) or 8 (deflated)", std::to_string(method));
  const Extent extent = read_extent(bytes, at, place);
  const std::string head = place + ": head";
  found.begin = static_cast<std::size_t>(extent.local);
  bytes.part(found.begin, local_size, head);
  if (bytes.number<std::uint32_t>(found.begin, "head") != local_mark)
    bytes.refuse(head, "its mark at " + std::to_string(found.begin), "other bytes");
  const std::size_t name_size = bytes.number<std::uint16_t>(found.begin + 26, "head");
  const std::size_t begin =
      found.begin + local_size + name_size + bytes.number<std::uint16_t>(found.begin + 28, "head");
  if (!std::ranges::equal(bytes.part(found.begin + local_size, name_size, head), name))
    bytes.refuse(head, "the name that the directory has", "another one");
  found.entry.packed = bytes.part(begin, static_cast<std::size_t>(extent.packed), place);
  found.end = begin + found.entry.packed.size();
  found.entry.deflated = method == deflated;
  found.entry.crc = bytes.number<std::uint32_t>(at + 16, "directory");
  found.entry.size = static_cast<std::size_t>(extent.size);
  return found;
}

/// Where an entry of the directory ends: behind its name, its further fields and its comment.
inline std::size_t entry_end(const ZipBytes& bytes, std::size_t at) {
  std::size_t end = at + entry_size;
  for (const std::size_t length : std::initializer_list<std::size_t>{28, 30, 32})
    end += bytes.number<std::uint16_t>(at + length, "directory");
  return end;
}

/// Refuses files that share bytes: a small archive of them can ask for any memory.
inline void require_apart(const ZipBytes& bytes, std::vector<Located>& files) {
  std::ranges::sort(files, {}, &Located::begin);
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].begin >= files[i - 1].end) continue;
    bytes.refuse("entry " + in_quotes(files[i].entry.name), "bytes of its own",
                 "some of " + in_quotes(files[i - 1].entry.name) + " again");
  }
}

}  // namespace zip

/// The files of an archive. Throws NumpyError, naming file, entry, expected and got, where the archive breaks
/// the format, or has files that are encrypted or packed otherwise than numpy packs them.
inline std::vector<ZipEntry> zip_entries(std::string_view file, std::span<const std::byte> archive) {
  const ZipBytes bytes(file, archive);
  const zip::Directory directory = zip::find_directory(bytes);
  std::vector<zip::Located> located;
  auto at = static_cast<std::size_t>(directory.begin);
  const std::size_t end = at + static_cast<std::size_t>(directory.size);
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    const std::string place = "directory entry " + std::to_string(i);
    bytes.part(at, zip::entry_size, place);
    if (bytes.number<std::uint32_t>(at, "directory") != zip::entry_mark)
      bytes.refuse(place, "its mark at " + std::to_string(at), "other bytes");
    located.push_back(zip::read_entry(bytes, at));
    at = zip::entry_end(bytes, at);
    if (at > end)
      bytes.refuse(place, "to end within the directory", std::to_string(at - end) + " bytes more");
  }
  zip::require_apart(bytes, located);
  std::vector<ZipEntry> entries;
  for (zip::Located& each : located) entries.push_back(std::move(each.entry));
  return entries;
}

}  // namespace ctgrad::io
