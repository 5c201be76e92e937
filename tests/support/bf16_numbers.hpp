#pragma once

#include <ctgrad/kernels/bf16.hpp>

#include <support/catch.hpp>

#include <random>
#include <vector>

namespace ctgrad::test {

/// Numbers from -1 to 1, always the same ones for a seed, as memory of type T holds them: float or bf16.
template <class T>
std::vector<T> draw_stored(Size count) {
  static std::mt19937_64 engine(seed());
  std::vector<T> numbers(static_cast<std::size_t>(count));
  for (T& number : numbers) number = kernels::stored_as<T>(static_cast<float>(engine() >> 40) * 0x1p-23F - 1);
  return numbers;
}

}  // namespace ctgrad::test
