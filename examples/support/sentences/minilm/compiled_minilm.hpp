#pragma once

#include "../embedder.hpp"

namespace sentences {

/// The program for all-MiniLM-L6-v2 and texts of up to 256 tokens.
CompiledModel compiled_minilm();

}  // namespace sentences
