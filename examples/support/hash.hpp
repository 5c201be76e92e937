#pragma once

#include <cstdint>
#include <string_view>

/// A number that changes with every byte, by which texts can be held against each other.
///
/// Source: Fowler, Noll and Vo, "The FNV non-cryptographic hash algorithm", FNV-1a of 64 bits.
inline std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}
