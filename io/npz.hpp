#pragma once

#include <ctgrad/io/npy.hpp>
#include <ctgrad/io/zip.hpp>

/// NumPy's .npz files: several named arrays, each a .npy file in a zip archive.
namespace ctgrad::io {

namespace npz {

inline constexpr std::string_view extension = ".npy";

/// What a deflated byte can become at most, and a little for the end of a stream.
inline constexpr std::size_t largest_ratio = 1032;

/// The archive, and what had to be unpacked or brought in order.
struct Memory {
  std::vector<std::byte> archive;
  std::vector<std::vector<std::byte>> pieces;

  /// A piece whose memory stays in place.
  std::vector<std::byte>& keep(std::vector<std::byte> piece) {
    pieces.push_back(std::move(piece));
    return pieces.back();
  }
};

inline std::vector<std::byte> inflated(std::string_view file, const std::string& place,
                                       const ZipEntry& entry) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw NumpyError(file, place, expected, got);
  };
  if constexpr (!has_zlib) refuse("stored numbers, or a program with zlib (CTGRAD_ZLIB)", "deflated ones");
  if (entry.size / largest_ratio > entry.packed.size()) {
    refuse("at most " + std::to_string(largest_ratio) + " bytes for each of " +
               std::to_string(entry.packed.size()) + " deflated ones",
           std::to_string(entry.size));
  }
  std::vector<std::byte> bytes(entry.size);
  if (!inflate(entry.packed, bytes))
    refuse("a deflate stream of " + std::to_string(entry.size) + " bytes", "another one, or none");
  return bytes;
}

/// The bytes of a file of the archive, checked against their checksum.
inline std::span<const std::byte> contents(std::string_view file, const std::string& place,
                                           const ZipEntry& entry, Memory& memory) {
  std::span<const std::byte> bytes = entry.packed;
  if (entry.deflated) {
    bytes = memory.keep(inflated(file, place, entry));
  } else if (entry.size != bytes.size()) {
    throw NumpyError(file, place, std::to_string(entry.size) + " bytes", std::to_string(bytes.size()));
  }
  if (const std::uint32_t crc = crc32(bytes); crc != entry.crc)
    throw NumpyError(file, place + ": checksum", std::to_string(entry.crc), std::to_string(crc));
  return bytes;
}

}  // namespace npz

/// The arrays of a .npz file's bytes; `file` is what errors call it. Throws as read_npz does.
inline Safetensors npz_arrays(std::vector<std::byte> archive, std::string_view file) {
  const auto memory = std::make_shared<npz::Memory>();
  memory->archive = std::move(archive);
  const std::string name_of_file = shown(file, 1000);
  Safetensors::Tensors tensors;
  for (const ZipEntry& entry : zip_entries(name_of_file, memory->archive)) {
    const std::string place = "entry " + in_quotes(entry.name);
    if (!entry.name.ends_with(npz::extension))
      throw NumpyError(name_of_file, place, "a name that ends with .npy", "another one");
    const auto contents = npz::contents(name_of_file, place, entry, *memory);
    std::vector<std::byte> ordered;
    SafetensorsEntry array = npy_entry(name_of_file, place + ": ", contents, ordered);
    if (!ordered.empty()) array.bytes = memory->keep(std::move(ordered));
    const std::string name = entry.name.substr(0, entry.name.size() - npz::extension.size());
    if (!tensors.emplace(name, std::move(array)).second)
      throw NumpyError(name_of_file, place, "a name of its own", "this one again");
  }
  return {file, std::move(tensors), memory};
}

/// Reads a .npz file, stored or deflated (with zlib: CTGRAD_ZLIB), as numpy.savez and savez_compressed write
/// it. What it gives is read as the tensors of a safetensors file are, by `read<T>(name)` or
/// `load_parameters`. Throws std::system_error, naming file and cause, if the file cannot be opened or read
/// or if there is not the memory; and NumpyError, naming file, entry, what was expected and what is there,
/// unless
///
/// - it is a zip archive that ends with its directory, whose entries share no byte and have names of their
///   own that end with .npy;
/// - no entry is encrypted, or packed otherwise than stored or deflated;
/// - every entry has the size and the checksum that the directory says;
/// - every entry is what read_npy takes.
///
/// An entry is given no more memory than its bytes in the archive can have been deflated from.
inline Safetensors read_npz(const std::filesystem::path& path) {
  InputFile file(path);
  std::vector<std::byte> archive = read_bytes(file);
  try {
    return npz_arrays(std::move(archive), path.native());
  } catch (const std::bad_alloc&) {
    file.fail("unpacking " + std::to_string(file.size()) + " bytes", ENOMEM);
  }
}

}  // namespace ctgrad::io
