#pragma once

#include <vector>

namespace ctgrad::test {

/// The gradients and the loss that a program gives, to be compared bit for bit.
template <class Result>
std::vector<float> numbers_of(const Result& result) {
  std::vector<float> numbers(result.gradients.flat().begin(), result.gradients.flat().end());
  numbers.push_back(result.value);
  return numbers;
}

}  // namespace ctgrad::test
