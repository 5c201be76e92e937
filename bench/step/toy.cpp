#include "measure.hpp"

bench::Measurement bench::measure_toy(const Runs& runs) { return measure<toy>(runs); }
