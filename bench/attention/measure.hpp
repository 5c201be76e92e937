#pragma once

#include "../support/timing.hpp"
#include "contest.hpp"

/// What an attention takes and what its results are.
namespace bench {

/// One way's figures.
struct AttentionFigures {
  Timing forward;
  Timing backward;
  double megabytes = 0;  ///< that both directions need besides operands and results; below 0: unknown
};

/// Those of both ways of a case, and how far their results are apart, as part of the largest number.
struct AttentionResult {
  AttentionFigures fused;
  AttentionFigures plain;
  double difference = 0;
  double sums[4] = {};  ///< of result, dq, dk and dv, each element times a number of its own
};

/// Measures both ways in turns.
AttentionResult measure(Stopwatch& watch, const AttentionCase& attention);

}  // namespace bench
