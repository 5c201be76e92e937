#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_seed_32(Scalar scalar) { return work_on<seed_32>(scalar); }
