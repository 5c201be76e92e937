#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the fuzzers share. Each is a program of libFuzzer's: it is given bytes, makes an input of them, and
/// stops the process where the library breaks a promise; sanitizers watch the rest.
namespace fuzz {

/// Stops the fuzzer: the bytes that it was given are then kept in a file.
inline void require(bool holds, std::string_view promise, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "BROKEN: %.*s: %.*s\n", static_cast<int>(promise.size()), promise.data(),
               static_cast<int>(detail.size()), detail.data());
  std::abort();
}

/// Counts an input that was taken, if it is one of any weight; the process says at its end how many there
/// were.
inline void count_taken(bool weighty = true) {
  static struct Count {
    std::uint64_t taken = 0;
    ~Count() { std::fprintf(stderr, "inputs taken: %llu\n", static_cast<unsigned long long>(taken)); }
  } count;
  if (weighty) ++count.taken;
}

/// A message that a person can read: about the file "F", short, without control characters.
inline void require_readable(std::string_view message, std::string_view beginning = "F: ") {
  require(message.starts_with(beginning), "a message names the file", message);
  require(message.size() < 60'000, "a message is short", message.substr(0, 1000));
  require(std::ranges::none_of(
              message, [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == '\x7F' || c == '\x1B'; }),
          "a message has no control characters", message);
}

/// The fuzzer's bytes as a row of decisions; 0 when they have run out.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  bool any_left() const { return !bytes_.empty(); }

  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }

  /// A number below `end`, which is at most 256.
  std::size_t below(std::size_t end) { return byte() % end; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }

  /// One of a list.
  template <class T, std::size_t N>
  const T& of(const T (&list)[N]) {
    return list[below(N)];
  }

  /// Mostly a small number, now and then one at which sums and products overflow.
  std::size_t extent() {
    static constexpr std::size_t large[] = {255,
                                            65536,
                                            std::size_t{1} << 31,
                                            std::size_t{1} << 32,
                                            std::size_t{1} << 61,
                                            SIZE_MAX / 3 + 1,
                                            SIZE_MAX,
                                            SIZE_MAX / 2 + 1,
                                            (std::size_t{1} << 62) + 1,
                                            1000};
    const std::size_t choice = byte();
    return choice < 240 ? choice % 5 : large[choice % std::size(large)];
  }

  /// All bytes that are left.
  std::string_view rest() {
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
    bytes_ = {};
    return text;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// A file of that header, with its length before it and the data behind it.
inline std::vector<std::byte> file_of(std::string_view header, std::span<const std::byte> data) {
  std::vector<std::byte> bytes(8 + header.size());
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

}  // namespace fuzz
