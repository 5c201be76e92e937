#pragma once

#include "product.hpp"

#include <string>
#include <vector>

namespace bench {

/// Another library's matrix product, on one thread.
struct Peer {
  std::string name;     ///< "OpenBLAS"
  std::string details;  ///< the file, and which of its kernels it took; or why it is not there
  /// c (+)= a b as the shape says; null where the library is not there.
  void (*multiply)(const MatmulShape& shape, float* c, const float* a, const float* b) = nullptr;
};

/// OpenBLAS and oneDNN where this machine has them: they are opened at run time, so nothing is built with
/// them. Both are held to one thread and to vectors of so many bits, if they have kernels for these. To be
/// called once, before any thread exists.
std::vector<Peer> open_peers(int bits);

}  // namespace bench
