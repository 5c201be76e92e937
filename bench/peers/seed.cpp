#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_seed(Scalar scalar) { return work_on<seed>(scalar); }
