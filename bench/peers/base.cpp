#include "work.hpp"

std::unique_ptr<bench::Original> bench::work_on_base() { return std::make_unique<Work<base>>(); }
