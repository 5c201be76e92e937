#include "measure.hpp"

bench::Measurement bench::measure_seed_32(const Runs& runs) { return measure<seed_32>(runs); }
