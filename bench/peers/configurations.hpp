#pragma once

#include "worker.hpp"

#include <memory>

namespace bench {

/// What a worker computes in. The peers compute in float: what they compute is held against double.
enum class Scalar { in_float, in_double };

/// ctgrad's worker, whose parameters and batch all others take from a file.
class Original : public Worker {
 public:
  /// Writes parameters, by their names, and a batch, `ids` and `targets`, to a safetensors file.
  virtual void write(const std::filesystem::path& file) const = 0;
  /// Takes them from such a file.
  virtual void load(const std::filesystem::path& file) = 0;
};

// One for every configuration. Each is a file of its own, since it compiles four programs.
std::unique_ptr<Original> work_on_toy(Scalar scalar);
std::unique_ptr<Original> work_on_toy_1(Scalar scalar);
std::unique_ptr<Original> work_on_seed(Scalar scalar);
std::unique_ptr<Original> work_on_seed_32(Scalar scalar);
std::unique_ptr<Original> work_on_small(Scalar scalar);
std::unique_ptr<Original> work_on_base(Scalar scalar);

}  // namespace bench
