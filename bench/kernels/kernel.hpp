#pragma once

#include <functional>
#include <string>

/// Kernels that are no matrix products, each run by a program of its own, beside what bounds them.
namespace bench {

/// The least that a run must do.
struct Work {
  double bytes = 0;  ///< read and written, every array once
  double flops = 0;  ///< of matrix products
};

/// Has Google Benchmark time `run`, and give its bytes a second and its share of a ceiling that is measured
/// between the runs: the longer of a pass that reads and writes so many bytes and of so many operations at
/// the peak.
void add_kernel(const std::string& name, Work work, std::function<void()> run);

// What there is; each is a file of its own, since it compiles several programs.
void add_row_kernels();
void add_elementwise_kernels();
void add_embedding_kernels();
void add_training_kernels();

}  // namespace bench
