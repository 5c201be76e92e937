#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

/// A number by which data are held against each other that lie in different processes.
namespace ctgrad {

/// A hash of all bytes that it was given, in their order. Not one that resists those who look for equal ones.
class ByteHash {
 public:
  /// Reads memory about as fast as it comes: four chains of words that do not wait for each other.
  void add(std::span<const std::byte> bytes) {
    std::array<std::uint64_t, 4> chains{hash_, hash_ + 1, hash_ + 2, hash_ + 3};
    const std::size_t block = sizeof chains;
    std::size_t begin = 0;
    for (; begin + block <= bytes.size(); begin += block) {
      std::array<std::uint64_t, 4> words;
      std::memcpy(words.data(), bytes.data() + begin, block);
      for (std::size_t i = 0; i < chains.size(); ++i) chains[i] = mixed(chains[i] ^ words[i]);
    }
    for (const std::uint64_t chain : chains) add_word(chain);
    for (; begin < bytes.size(); ++begin) add_word(std::to_integer<std::uint64_t>(bytes[begin]));
    add_word(bytes.size());
  }

  template <class T>
    requires(std::integral<T> || std::floating_point<T>)
  void add(T number) {
    add(std::as_bytes(std::span(&number, 1)));
  }

  std::uint64_t value() const { return hash_; }

  /// "3fb0c2a91d4e5f60"
  std::string text() const {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash_ >> shift & 15];
    return digits;
  }

 private:
  /// Every bit of the number has a part in the upper half of the product, which is turned down.
  static constexpr std::uint64_t mixed(std::uint64_t number) {
    return std::rotl(number * 0x9e3779b97f4a7c15, 29);
  }
  void add_word(std::uint64_t word) { hash_ = mixed(hash_ ^ word); }

  std::uint64_t hash_ = 0x2545f4914f6cdd1d;
};

/// Of a text.
inline std::uint64_t hash_of(std::string_view text) {
  ByteHash hash;
  hash.add(std::as_bytes(std::span(text)));
  return hash.value();
}

}  // namespace ctgrad
