#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_seed_32() { return std::make_unique<Work<seed_32>>(); }
