#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_small() { return std::make_unique<Work<small>>(); }
