#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_toy_1(Scalar scalar) { return work_on<toy_1>(scalar); }
