#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ctgrad::io {

/// The checksum of zip archives, of polynomial 0xEDB88320 reflected. Source: ISO/IEC 8802-3; a table of the
/// 256 remainders, a byte at a time.
constexpr std::uint32_t crc32(std::span<const std::byte> bytes) {
  constexpr std::array<std::uint32_t, 256> remainders = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t remainder = i;
      for (int bit = 0; bit < 8; ++bit)
        remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xEDB88320u : 0);
      table[i] = remainder;
    }
    return table;
  }();
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::byte byte : bytes)
    crc = (crc >> 8) ^ remainders[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xFF];
  return ~crc;
}

}  // namespace ctgrad::io
