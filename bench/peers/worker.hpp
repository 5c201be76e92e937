#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace bench {

/// One configuration with its model, a batch and an optimiser, as the comparison with other frameworks asks
/// for it. Every step is forward, backward and Adam on the same batch.
class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  virtual ~Worker() = default;

  /// Writes parameters, by their names, and a batch, `ids` and `targets`, to a safetensors file.
  virtual void write(const std::filesystem::path& file) const = 0;
  /// Takes parameters and batch from such a file; training begins there.
  virtual void load(const std::filesystem::path& file) = 0;
  /// Begins training anew.
  virtual void reset() = 0;
  /// The mean cross-entropy of the batch.
  virtual float forward() = 0;
  /// Makes one step; gives the loss before its update.
  virtual float step() = 0;
  /// Writes the loss's gradients, by the parameters' names, to a safetensors file; gives the loss.
  virtual float write_gradients(const std::filesystem::path& file) = 0;
};

// One for every configuration. Each is a file of its own, since it compiles two programs.
std::unique_ptr<Worker> work_on_toy();
std::unique_ptr<Worker> work_on_toy_1();
std::unique_ptr<Worker> work_on_seed();
std::unique_ptr<Worker> work_on_seed_32();
std::unique_ptr<Worker> work_on_small();
std::unique_ptr<Worker> work_on_base();

}  // namespace bench
