#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_toy() { return std::make_unique<Work<toy>>(); }
