#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ctgrad::io {

/// Every reason why tensors of a file cannot be taken; the message has the first hundred.
class TensorMismatch : public std::runtime_error {
 public:
  TensorMismatch(const std::string& file, std::vector<std::string> problems_)
      : std::runtime_error(message(file, problems_)), problems(std::move(problems_)) {}

  std::vector<std::string> problems;  ///< "'head.bias': expected F32 [16], got F32 [8]"

 private:
  static std::string message(const std::string& file, const std::vector<std::string>& problems) {
    const std::string count = std::to_string(problems.size());
    std::string text =
        file + ": " + count + (problems.size() == 1 ? " tensor does" : " tensors do") + " not fit";
    constexpr std::size_t most = 100;
    for (std::size_t i = 0; i < std::min(most, problems.size()); ++i) text += "\n  " + problems[i];
    if (problems.size() > most) text += "\n  and " + std::to_string(problems.size() - most) + " more";
    return text;
  }
};

}  // namespace ctgrad::io
