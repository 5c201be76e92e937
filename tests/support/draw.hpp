#pragma once

#include <support/interpreter.hpp>

#include <ctgrad/ops/sample.hpp>
#include <ctgrad/runtime/random.hpp>

/// Numbers for samples. All are small multiples of a power of 2, so that float holds them and sums of
/// products of them are exact in double.
namespace ctgrad::test {

/// Numbers of magnitude up to 1: directions, cotangents.
Numbers draw_direction(Random& random, const Shape& shape);

/// Values for a sample's operands, each in its domain; ids within the operation's limit. An operation without
/// operands gives what its result is.
std::vector<Numbers> draw(Random& random, const Operation& op, const Sample& sample);

/// The random numbers of one operation of this run: its own stream of the run's seed.
Random random_for(const Operation& op);

}  // namespace ctgrad::test
