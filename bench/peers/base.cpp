#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_base(Scalar scalar) { return work_on<base>(scalar); }
