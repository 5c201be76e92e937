#include "compiled_minilm.hpp"

#include "../compiled_bert.hpp"
#include "minilm.hpp"

namespace sentences {

CompiledModel compiled_minilm() { return compiled_bert<minilm_shape, MiniLmProgram>(); }

}  // namespace sentences
