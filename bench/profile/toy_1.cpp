#include "profile_step.hpp"

ctgrad::Profile bench::profile_toy_1(int runs) { return profile_step<toy_1>(runs); }
