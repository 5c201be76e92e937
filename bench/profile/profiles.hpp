#pragma once

#include <ctgrad/inspect/profile_table.hpp>

namespace bench {

// A training step's profile, its update being Adam's, one for every configuration. Each is a file of its own,
// since it compiles a program. `runs` steps are timed with timers, as many without.
ctgrad::Profile profile_toy(int runs);
ctgrad::Profile profile_toy_1(int runs);
ctgrad::Profile profile_seed(int runs);
ctgrad::Profile profile_seed_32(int runs);
ctgrad::Profile profile_small(int runs);
ctgrad::Profile profile_base(int runs);

}  // namespace bench
