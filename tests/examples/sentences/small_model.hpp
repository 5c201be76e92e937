#pragma once

#include "../../../examples/support/sentences/embedder.hpp"

namespace sentences {

/// The program for the model of tests/reference/sentence_model, and texts of up to 32 tokens.
CompiledModel compiled_small_model();

}  // namespace sentences
