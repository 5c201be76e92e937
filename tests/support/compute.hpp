#pragma once

#include <support/run_machine.hpp>

#include <ctgrad/runtime/trace.hpp>

namespace ctgrad::test {

/// The results of a function of tensors, compiled for these argument types in `Scalar`.
template <class Scalar, auto Function, class... Arguments>
std::vector<Numbers> compute(const std::vector<Numbers>& inputs) {
  runtime::Machine<Scalar, runtime::Trace<Function, Arguments...>> machine;
  return run(machine, inputs);
}

}  // namespace ctgrad::test
