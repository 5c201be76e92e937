#pragma once

#include "worker.hpp"

#include <memory>

namespace bench {

/// ctgrad's worker, whose parameters and batch all others take from a file.
class Original : public Worker {
 public:
  /// Writes parameters, by their names, and a batch, `ids` and `targets`, to a safetensors file.
  virtual void write(const std::filesystem::path& file) const = 0;
  /// Takes them from such a file.
  virtual void load(const std::filesystem::path& file) = 0;
};

// One for every configuration. Each is a file of its own, since it compiles two programs.
std::unique_ptr<Original> work_on_toy();
std::unique_ptr<Original> work_on_toy_1();
std::unique_ptr<Original> work_on_seed();
std::unique_ptr<Original> work_on_seed_32();
std::unique_ptr<Original> work_on_small();
std::unique_ptr<Original> work_on_base();

}  // namespace bench
