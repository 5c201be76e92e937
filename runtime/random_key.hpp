#pragma once

#include <ctgrad/runtime/random.hpp>

#include <limits>

namespace ctgrad {

/// What a program takes for a Key: four words, without memory of its own.
class RandomKey {
 public:
  using value_type = std::int32_t;

  constexpr explicit RandomKey(const std::array<std::int32_t, 4>& words) : words_(words) {}

  constexpr const std::int32_t* data() const { return words_.data(); }
  constexpr std::array<std::size_t, 1> shape() const { return {4}; }

 private:
  std::array<std::int32_t, 4> words_;
};

namespace runtime {

/// Throws std::invalid_argument where a number of a key has more than 32 bits.
constexpr void require_key_number(const char* what, std::uint64_t got) {
  if (got > std::numeric_limits<std::uint32_t>::max())
    throw std::invalid_argument(std::string("random_key: ") + what + ": expected less than 2^32, got " +
                                std::to_string(got));
}

/// A key's last word for the sample that comes `samples` behind its own. Throws std::invalid_argument where
/// that has more than 32 bits.
constexpr std::int32_t sample_word(std::int32_t first, std::uint64_t samples) {
  const std::uint64_t sample = static_cast<std::uint32_t>(first) + samples;
  require_key_number("first_sample", sample);
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(sample));
}

}  // namespace runtime

/// The key of a training step, for the samples from number `first_sample` of the step's batch on. Throws
/// std::invalid_argument where step or sample has more than 32 bits.
constexpr RandomKey random_key(Seed seed, std::uint64_t step, std::uint64_t first_sample = 0) {
  runtime::require_key_number("step", step);
  runtime::require_key_number("first_sample", first_sample);
  const auto word = [](std::uint64_t bits) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
  };
  return RandomKey({word(seed.value), word(seed.value >> 32), word(step), word(first_sample)});
}

}  // namespace ctgrad
