#pragma once

#include <filesystem>
#include <string>

namespace bench {

/// A framework with one configuration of the model, a batch and Adam, as the comparison of frameworks asks
/// for it. Every step is forward, backward and update on the same batch.
class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  virtual ~Worker() = default;

  /// Begins training anew.
  virtual void reset() = 0;
  /// The mean cross-entropy of the batch.
  virtual float forward() = 0;
  /// Makes one step; gives the loss before its update.
  virtual float step() = 0;
  /// Writes the loss's gradients, by the names and in the layout of ctgrad's parameters, to a safetensors
  /// file; gives the loss.
  virtual float write_gradients(const std::filesystem::path& file) = 0;
};

/// Says what it is, then answers every line on standard input with one on standard output, as
/// workers/serving.py describes them. Throws std::invalid_argument for a line that is none of these.
void serve(Worker& worker, const std::string& version);

}  // namespace bench
