#include "profile_step.hpp"

ctgrad::Profile bench::profile_seed_32(int runs) { return profile_step<seed_32>(runs); }
