#include "profile_step.hpp"

ctgrad::Profile bench::profile_seed(int runs) { return profile_step<seed>(runs); }
