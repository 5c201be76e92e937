#include "profile_step.hpp"

ctgrad::Profile bench::profile_toy(int runs) { return profile_step<toy>(runs); }
