#pragma once

#include <ctgrad/runtime/random.hpp>

#include <cstddef>
#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

/// What optimisers are tested on.
namespace ctgrad::test {

/// A stand-in for a model's parameters: `weight` is what comes first, `bias` the last number.
template <class T>
struct Buffer {
  using Scalar = T;
  std::vector<T> numbers;
  std::size_t size() const { return numbers.size(); }
  std::span<T> flat() { return numbers; }
  std::span<const T> flat() const { return numbers; }
};

struct NamedBuffer : Buffer<double> {
  std::string name_of(std::size_t index) const { return index + 1 < size() ? "weight" : "bias"; }
};

/// Seed 21.
template <class T>
std::vector<T> normal_numbers(std::size_t size, std::uint64_t stream) {
  Random random(Seed{21}, stream);
  std::vector<T> numbers(size);
  for (T& number : numbers) number = static_cast<T>(random.normal());
  return numbers;
}

/// The bits of numbers, by which -0 is not 0 and a NaN equals itself.
template <class T>
std::vector<unsigned char> bits(std::span<const T> numbers) {
  std::vector<unsigned char> bytes(numbers.size_bytes());
  if (!bytes.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

/// All that an optimiser remembers.
template <class Optimizer>
std::vector<std::vector<unsigned char>> state_bits(const Optimizer& optimizer) {
  std::vector<std::vector<unsigned char>> all;
  for (const auto& buffer : optimizer.state()) all.push_back(bits(buffer.numbers));
  return all;
}

/// What an action is refused with.
template <class Refused>
std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Refused& error) {
    return error.what();
  }
  return "not refused";
}

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace ctgrad::test
