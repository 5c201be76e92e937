#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_small(Scalar scalar) { return work_on<small>(scalar); }
