#include "profile_step.hpp"

ctgrad::Profile bench::profile_base(int runs) { return profile_step<base>(runs); }
