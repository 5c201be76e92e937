#include "measure.hpp"

bench::Measurement bench::measure_base(const Runs& runs) { return measure<base>(runs); }
