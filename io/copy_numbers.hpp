#pragma once

#include <ctgrad/io/dtype.hpp>
#include <ctgrad/io/part_places.hpp>

#include <algorithm>
#include <cstring>
#include <span>

/// Moving the numbers of a file's tensor into an array.
namespace ctgrad::io {

/// A number of a file as another type, rounded where it must be.
template <class Scalar, class Stored>
Scalar number_as(Stored number) {
  if constexpr (std::same_as<Stored, Half> || std::same_as<Stored, Bfloat16>) {
    return static_cast<Scalar>(static_cast<float>(number));
  } else {
    return static_cast<Scalar>(number);
  }
}

/// `count` numbers that lie side by side.
template <class Stored, class Scalar>
void copy_run(const std::byte* from, std::size_t count, Scalar* to) {
  if constexpr (std::same_as<Stored, Scalar>) {
    std::memcpy(to, from, count * sizeof(Scalar));
  } else {
    for (std::size_t i = 0; i < count; ++i)
      to[i] = number_as<Scalar>(load<Stored>(from + i * sizeof(Stored)));
  }
}

/// A matrix `to` [rows, columns] whose columns lie at places(i rows), each side by side. Sixteen columns at a
/// time, so that what is written fills cache lines.
template <class Stored, class Scalar>
void copy_transposed(const std::byte* bytes, const PartPlaces& places, Scalar* to) {
  constexpr std::size_t block = 16;
  const std::size_t rows = places.rows(), columns = places.columns();
  for (std::size_t first = 0; first < columns; first += block) {
    const std::size_t count = std::min(block, columns - first);
    const std::byte* from[block] = {};
    for (std::size_t k = 0; k < count; ++k) from[k] = bytes + places(first + k) * sizeof(Stored);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t k = 0; k < count; ++k)
        to[row * columns + first + k] = number_as<Scalar>(load<Stored>(from[k] + row * sizeof(Stored)));
    }
  }
}

/// The numbers of a tensor of Stored that lie at those places, to[i] the one at places(i).
template <class Stored, class Scalar>
void copy_numbers(const std::byte* bytes, const PartPlaces& places, std::span<Scalar> to) {
  if (to.empty()) return;
  if (places.rows() > 1) return copy_transposed<Stored>(bytes, places, to.data());
  for (std::size_t i = 0; i < to.size(); i += places.run()) {
    const std::size_t count = std::min(places.run(), to.size() - i);
    copy_run<Stored>(bytes + places(i) * sizeof(Stored), count, to.data() + i);
  }
}

}  // namespace ctgrad::io
