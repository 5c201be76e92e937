#pragma once

#include "embedder.hpp"

namespace sentences {

/// The program of that name for a model: reads the command line, works, and gives the exit code.
int run(const char* name, int argc, char** argv, const CompiledModel& compiled);

}  // namespace sentences
