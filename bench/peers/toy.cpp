#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_toy(Scalar scalar) { return work_on<toy>(scalar); }
