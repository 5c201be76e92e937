#pragma once

#include "../support/timing.hpp"
#include "peers.hpp"

#include <string>
#include <vector>

namespace bench {

/// What came of one product.
struct ContestResult {
  Timing own;
  std::vector<Timing> peers;  ///< in their order; of 0 s for one that is not there
  std::string wrong;          ///< who gave another matrix than the product, empty if nobody did
};

/// Times a product by the library's kernel and by every peer, samples in turns, on the same numbers.
ContestResult contest(Stopwatch& watch, const Product& product, const std::vector<Peer>& peers);

}  // namespace bench
