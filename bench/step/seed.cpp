#include "measure.hpp"

bench::Measurement bench::measure_seed(const Runs& runs) { return measure<seed>(runs); }
