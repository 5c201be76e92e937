#pragma once

#include <support/function.hpp>
#include <support/matrix.hpp>

/// The checks of derivatives that every operation has to pass, to order 2 and in every mode.
namespace ctgrad::test {

/// Checks the tangent, the transpose, the four second orders and the exact demands of an operation on all of
/// its accepted samples, for all real operands together and for each alone. A rule that throws misses.
void check_derivatives(Row& row, const Record& record, const Transforms& transforms = {});

/// Checks that wrong operands are refused with a message that names the operation.
void check_refusals(Row& row, const Record& record);

}  // namespace ctgrad::test
