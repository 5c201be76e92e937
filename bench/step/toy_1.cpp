#include "measure.hpp"

bench::Measurement bench::measure_toy_1(const Runs& runs) { return measure<toy_1>(runs); }
