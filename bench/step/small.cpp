#include "measure.hpp"

bench::Measurement bench::measure_small(const Runs& runs) { return measure<small>(runs); }
