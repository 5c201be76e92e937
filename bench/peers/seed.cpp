#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_seed() { return std::make_unique<Work<seed>>(); }
