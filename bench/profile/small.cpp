#include "profile_step.hpp"

ctgrad::Profile bench::profile_small(int runs) { return profile_step<small>(runs); }
